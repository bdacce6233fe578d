import { chmod, lchown, lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../git/git.js';
import { bitsWithMode } from './on-disk.js';
import type { Step } from './plan-landing.js';

/** Prepared files, durable and on the same file system as their final places. */
export interface Staging {
  /** The prepared file of a step. */
  of(step: Step): string;
}

/**
 * Writes the new files of the steps into a folder on the same file system, so that each can be moved into its place in one
 * atomic step.
 */
export async function stage(
  { git, store }: { readonly git: Git; readonly store: string },
  folder: string,
  steps: readonly Step[],
): Promise<Staging> {
  const written = steps.filter(({ after }) => after !== null);
  const names = new Map(written.map((step, at) => [step, join(folder, String(at))]));
  await mkdir(folder, { mode: 0o700 });
  const index = join(store, 'landing.index');
  // A killed process may have left both files.
  for (const left of [index, `${index}.lock`]) await rm(left, { force: true });
  const place = { cwd: folder, gitDir: store, workTree: folder, index };
  const input = written.map(({ after }, at) => `${after?.mode} ${after?.oid}\t${at}\0`).join('');
  await git.run(['update-index', '-z', '--index-info'], { ...place, input });
  await git.run(['checkout-index', '--all', '--quiet'], place);
  await rm(index, { force: true });
  for (const [step, path] of names) await finish(step, path);
  return {
    of(step) {
      const name = names.get(step);
      if (name === undefined) throw new Error(`${step.path} is not staged`);
      return name;
    },
  };
}

/** Sets the owner and the permissions of a prepared file, and makes it durable. */
async function finish({ before, after }: Step, staged: string): Promise<void> {
  const owner = after?.owner ?? before?.owner;
  if (owner !== undefined) await giveTo(owner, staged);
  if (after === null || after.mode === '120000') return;
  const bits =
    after.bits ?? (before === null || before.mode === '120000' ? undefined : bitsWithMode(before, after.mode));
  if (bits !== undefined) await chmod(staged, bits);
  const file = await open(staged, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function giveTo([uid, gid]: readonly [number, number], staged: string): Promise<void> {
  const own = await lstat(staged);
  if (uid === own.uid && gid === own.gid) return;
  try {
    await lchown(staged, uid, gid);
  } catch (error) {
    // Only root may change the owner. Otherwise the file belongs to the server's user, as with any editor that replaces files.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
  }
}
