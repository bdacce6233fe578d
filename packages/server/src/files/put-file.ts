import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inFolder } from './without-links.js';
import { syncFolder } from './write-whole.js';

/**
 * Writes a file completely or not at all, and durably; null removes it. `path` must be resolved already. Anyone who can write
 * next to it, for example an agent in a sandbox, must not be able to redirect the server with a new link.
 *
 * @param temporary a name in the same folder to write to first; a file of this name that a killed process left is removed
 * @throws Error if a folder of the path has become a link.
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

/** Writes a new file that is durable when this resolves. Fails if the name exists already, as a file or as a link. */
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
