import { constants } from 'node:fs';
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from './write-whole.js';

/**
 * Writes a file whole or not at all, and durable; null removes it. `path` is resolved: whoever may write beside it, an
 * agent in a sandbox say, must not lead the server elsewhere by a link that comes in between.
 *
 * @param temporary a name beside the file for the meantime; what a process that was killed has left there goes
 * @throws Error where a folder on the way is a link by now.
 */
export async function putFile(path: string, temporary: string, bytes: Buffer | null, mode: number): Promise<void> {
  if (bytes !== null) await mkdir(dirname(path), { recursive: true });
  await inFolder(dirname(path), async (folder) => {
    const target = join(folder, basename(path));
    if (bytes === null) return rm(target, { force: true });
    const prepared = join(folder, temporary);
    await rm(prepared, { force: true });
    try {
      await writeSynced(prepared, bytes, mode);
    } catch (error) {
      await rm(prepared, { force: true });
      throw error;
    }
    await rename(prepared, target);
    await syncFolder(folder);
  });
}

/** Writes a file that is durable when this resolves. No name that is there already is opened, be it a link or not. */
export async function writeSynced(path: string, bytes: Buffer, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Does something in a folder that is held open. Where the system can name what is open, no link can come in between. */
async function inFolder(path: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(ifMissing);
  if (folder === undefined) return; // and nothing to remove
  try {
    const held = process.platform === 'linux' ? `/proc/self/fd/${folder.fd}` : path;
    if ((await realpath(held)) !== path) throw new Error(`${path} is behind a link by now`);
    await work(held);
  } finally {
    await folder.close();
  }
}

function ifMissing(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
