import { constants } from 'node:fs';
import { mkdir, open, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolder, inItsFolder } from '../../files/without-links.js';
import { withPath } from './landing-disturbed.js';
import { foldersOf, lstatIfAny, obstacleOf } from './on-disk.js';
import type { FolderFact } from './plan-landing.js';

/** Removes the folders that are empty, the inner ones first. */
export async function removeEmpty(cwd: string, folders: readonly FolderFact[]): Promise<void> {
  const inmostFirst = [...folders].sort((a, b) => b.path.length - a.path.length);
  for (const folder of inmostFirst) await withPath(folder, removeIfEmpty(cwd, folder.path));
}

async function removeIfEmpty(cwd: string, path: string): Promise<void> {
  if ((await obstacleOf(cwd, path)) !== undefined) return;
  try {
    await inItsFolder(join(cwd, path), rmdir);
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
  if ((await obstacleOf(cwd, `${path}/.`)) !== undefined || (await lstatIfAny(join(cwd, path))) !== undefined) return;
  await makeFolders(cwd, path);
  await inFolder(staging, async (folder) => {
    // Without this: forgets the permissions of a folder where it is killed beside it
    const made = join(folder, 'folder');
    await mkdir(made);
    await setBits(made, bits);
    // Without this: forgets the permissions of a folder where it is killed beside it
    await inItsFolder(join(cwd, path), (place) => rename(made, place));
  });
}

/** Creates the missing folders above a path. */
export async function makeFolders(cwd: string, path: string): Promise<void> {
  for (const above of foldersOf(path)) {
    await inItsFolder(join(cwd, above), (folder) => mkdir(folder).catch(ignoreExisting));
  }
}

async function setBits(path: string, bits: number): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await folder.chmod(bits);
  } finally {
    await folder.close();
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
