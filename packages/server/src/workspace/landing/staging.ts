import { chmod, lchown, lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../git/git.js';
import { bitsWithMode } from './on-disk.js';
import type { Step } from './plan-landing.js';

/** Files that are written and durable, beside the places that they are to be moved to. */
export interface Staging {
  /** The file of a step. */
  of(step: Step): string;
}

/**
 * Writes what the steps are to put in place into a folder on the same file system, so that each can be moved there in
 * one go.
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
  // A process that was killed may have left both.
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

/** Gives a staged file the permissions and the owner that it is to have, and makes it durable. */
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
    // Only root may give files away; others' files become the server's, as with every editor that renames.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
  }
}
