import { chmod, mkdir, rename, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withPath } from './landing-disturbed.js';
import { lstatIfAny, obstacleOf } from './on-disk.js';
import type { FolderFact } from './plan-landing.js';

/** Removes the folders that are empty, the inner ones first. */
export async function removeEmpty(cwd: string, folders: readonly FolderFact[]): Promise<void> {
  const inmostFirst = [...folders].sort((a, b) => b.path.length - a.path.length);
  for (const folder of inmostFirst) await withPath(folder, removeIfEmpty(cwd, folder.path));
}

async function removeIfEmpty(cwd: string, path: string): Promise<void> {
  if ((await obstacleOf(cwd, path)) !== undefined) return;
  try {
    await rmdir(join(cwd, path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EEXIST') throw error;
  }
}

/** Creates a missing folder together with its permissions, in one atomic step: a kill in between would lose them. */
export async function makeFolder(
  cwd: string,
  { path, bits }: { path: string; bits: number },
  staging: string,
): Promise<void> {
  const place = join(cwd, path);
  if ((await obstacleOf(cwd, `${path}/.`)) !== undefined || (await lstatIfAny(place)) !== undefined) return;
  // Without this: forgets the permissions of a folder where it is killed beside it
  const made = join(staging, 'folder');
  await mkdir(made);
  await chmod(made, bits);
  await mkdir(dirname(place), { recursive: true });
  // Without this: forgets the permissions of a folder where it is killed beside it
  await rename(made, place);
}
