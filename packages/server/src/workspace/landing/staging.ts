import { constants } from 'node:fs';
import { copyFile, lchown, lstat, mkdir, open, readlink, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inFolder, inItsFolder } from '../../files/without-links.js';
import type { Git } from '../git/git.js';
import { bitsWithMode } from './on-disk.js';
import type { Step } from './plan-landing.js';

/** A prepared file: its name in the staging folder, and its inode. */
export interface Staged {
  readonly name: string;
  readonly inode: number;
}

/**
 * Writes the new files of the steps into a new folder on the same file system, so that each can be moved into its place in one
 * atomic step. They are durable. Git writes them into a folder of the server first: it would follow a link that somebody puts
 * into the project meanwhile.
 */
export async function stage(
  { git, store }: { readonly git: Git; readonly store: string },
  folder: string,
  steps: readonly Step[],
): Promise<ReadonlyMap<Step, Staged>> {
  const written = steps.filter(({ after }) => after !== null);
  const [index, checkedOut] = [join(store, 'landing.index'), join(store, 'landing')];
  // A killed process may have left them.
  for (const left of [index, `${index}.lock`, checkedOut]) await rm(left, { recursive: true, force: true });
  await mkdir(checkedOut, { mode: 0o700 });
  const place = { cwd: checkedOut, gitDir: store, workTree: checkedOut, index };
  const input = written.map(({ after }, at) => `${after?.mode} ${after?.oid}\t${at}\0`).join('');
  await git.run(['update-index', '-z', '--index-info'], { ...place, input });
  await git.run(['checkout-index', '--all', '--quiet'], place);
  await inItsFolder(folder, (path) => mkdir(path, { mode: 0o700 }));
  const staged = new Map<Step, Staged>();
  await inFolder(folder, async (held) => {
    for (const [at, step] of written.entries()) {
      staged.set(step, await copy(step, join(checkedOut, String(at)), join(held, String(at))));
    }
  });
  if (staged.size < written.length) throw new Error(`${folder} has been taken away`);
  for (const left of [index, checkedOut]) await rm(left, { recursive: true, force: true });
  return staged;
}

/** Copies a file into the staging folder, with its owner and its permissions, and makes it durable. */
async function copy({ before, after }: Step, from: string, to: string): Promise<Staged> {
  const owner = after?.owner ?? before?.owner;
  if (after?.mode === '120000') {
    await symlink(await readlink(from, 'buffer'), to);
    if (owner !== undefined) await giveTo(owner, to);
    return { name: basename(to), inode: (await lstat(to)).ino };
  }
  await copyFile(from, to, constants.COPYFILE_EXCL);
  if (owner !== undefined) await giveTo(owner, to);
  const file = await open(to, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const bits =
      after?.bits ??
      (before === null || before.mode === '120000' ? undefined : bitsWithMode(before, after?.mode ?? ''));
    if (bits !== undefined) await file.chmod(bits);
    await file.sync();
    return { name: basename(to), inode: (await file.stat()).ino };
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
