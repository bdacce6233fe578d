import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissingPath } from './is-missing.js';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
/** macOS: a link in any part of a path is an error. */
const O_NOFOLLOW_ANY = 0x2000_0000;
const byDescriptor = process.platform === 'linux';

/**
 * Opens a file or folder for reading whose path has no link in any of its parts, also not one that was put there a moment ago.
 * Whoever can write there, for example an agent in a sandbox, cannot lead the server elsewhere. Opening a pipe does not wait.
 *
 * On Linux the system is asked for the path of what was opened; macOS refuses such paths itself; elsewhere the path is looked at
 * again.
 *
 * @param path absolute and resolved
 * @throws Error of Node, such as `ENOENT`; BehindLink
 */
export async function openWithoutLinks(path: string | Buffer, flags = O_RDONLY | O_NONBLOCK): Promise<FileHandle> {
  const file = await open(path, flags | (process.platform === 'darwin' ? O_NOFOLLOW_ANY : O_NOFOLLOW));
  try {
    const real = await realpath(byDescriptor ? heldPath(file) : path, 'buffer');
    // Without this: reads and writes through a link that was put into a path
    if (!real.equals(Buffer.from(path))) throw new BehindLink(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A path leads through a link by now. */
export class BehindLink extends Error {
  override readonly name = 'BehindLink';

  constructor(path: string | Buffer) {
    super(`${path} is behind a link by now`);
  }
}

/**
 * Works in a folder that is held open. On Linux `work` gets a path of its descriptor, which leads to this folder whatever
 * becomes of its name; elsewhere it gets the path itself, and a link that is put there at that moment is followed.
 *
 * @returns undefined if there is no such folder
 * @throws BehindLink
 */
export async function inFolder<T>(path: string | Buffer, work: (folder: string) => Promise<T>): Promise<T | undefined> {
  const folder = await openWithoutLinks(path, O_RDONLY | O_DIRECTORY).catch(ifMissing);
  if (folder === undefined) return undefined;
  try {
    return await work(byDescriptor ? heldPath(folder) : path.toString());
  } finally {
    await folder.close();
  }
}

/** Works with a path in its folder, which is held open: see `inFolder`. The last part of the path may be a link. */
export function inItsFolder<T>(path: string, work: (held: string) => Promise<T>): Promise<T | undefined> {
  return inFolder(dirname(path), (folder) => work(join(folder, basename(path))));
}

function heldPath({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

function ifMissing(error: unknown): undefined {
  if (!isMissingPath(error)) throw error;
}
