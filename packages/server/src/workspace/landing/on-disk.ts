import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingPath } from '../../files/is-missing.js';
import type { TreeEntry } from '../git/recorded.js';
import { isGitName } from '../git/repository.js';

/** The flags for a file that was no link when it was looked at. */
export const READ_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file of so many bytes is read at once. */
const SMALL = 65_536;

/** A file or link of the user, as it is on the disk. */
export interface DiskEntry extends TreeEntry {
  /** Permission bits. */
  readonly bits: number;
  /** The ids of user and group. */
  readonly owner: readonly [number, number];
  /** A text that changes whenever the file changes. */
  readonly stamp: string;
}

/**
 * Reads a file or link; null if there is none, or if there is a folder.
 *
 * @throws Error for a pipe, a device and the like.
 */
export async function readDisk(path: string | Buffer): Promise<DiskEntry | null> {
  const stat = await lstatIfAny(path);
  if (stat === undefined || stat.isDirectory()) return null;
  const facts = { bits: stat.mode & 0o7777, owner: [stat.uid, stat.gid] as const, stamp: stampOf(stat) };
  if (stat.isSymbolicLink()) {
    const target = await readlink(path, 'buffer');
    return { ...facts, mode: '120000', oid: blobId(target) };
  }
  if (!stat.isFile()) throw new Error('is neither a file nor a link');
  return { ...facts, mode: (stat.mode & 0o100) === 0 ? '100644' : '100755', oid: await fileId(path) };
}

/** The stamp of the file at a path (see `DiskEntry`); undefined if there is none. */
export async function readStamp(path: string): Promise<string | undefined> {
  const stat = await lstatIfAny(path);
  return stat === undefined || stat.isDirectory() ? undefined : stampOf(stat);
}

/** The stats of a path, without following links; undefined if there is nothing. */
export async function lstatIfAny(path: string | Buffer): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissingPath(error)) return undefined;
    throw error;
  }
}

/**
 * Why a path must never be written: it is outside of the working directory, or belongs to git. Undefined if it may be.
 */
export function problemOfPath(path: string): string | undefined {
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))) {
    return 'is not a path inside the working directory';
  }
  // Without this: writes into .git
  return names.some(isGitName) ? 'belongs to git, which alone may write it' : undefined;
}

/** The first parent of a path that exists and is not a folder, for example a link; undefined if there is none. */
export async function obstacleOf(folder: string, path: string): Promise<string | undefined> {
  for (const above of foldersOf(path)) {
    const stat = await lstatIfAny(join(folder, above));
    if (stat !== undefined && !stat.isDirectory()) return above;
  }
  return undefined;
}

/** The parent folders of a relative path, the outermost first. */
export function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join('/'));
}

/** The permission bits of a file after a change of its mode: it becomes executable for all who may read it, or for nobody. */
export function bitsWithMode({ bits, mode: before }: DiskEntry, mode: string): number {
  if (mode === before) return bits;
  return mode === '100755' ? bits | ((bits & 0o444) >> 2) : bits & ~0o111;
}

/** The id of a git blob with these bytes. */
function blobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

async function fileId(path: string | Buffer): Promise<string> {
  const file = await open(path, READ_FILE);
  try {
    const { size } = await file.stat();
    if (size <= SMALL) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
      return blobId(buffer.subarray(0, bytesRead));
    }
    const hash = createHash('sha1').update(`blob ${size}\0`);
    for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

function stampOf({ ino, size, mtimeMs, ctimeMs, mode }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs, mode].join(' ');
}
