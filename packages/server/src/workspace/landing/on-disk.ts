import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isGitName } from '../git/repository.js';
import type { TreeEntry } from '../git/write-tree.js';

/** A file or link of the user's as it is on the disk. */
export interface DiskEntry extends TreeEntry {
  /** Permission bits. */
  readonly bits: number;
  /** Ids of user and group. */
  readonly owner: readonly [number, number];
  /** What changes whenever the file does. */
  readonly stamp: string;
}

/**
 * A file or link as it is; null where there is none, which a folder counts as.
 *
 * @throws Error for what is neither: a pipe, a device.
 */
export async function readDisk(path: string): Promise<DiskEntry | null> {
  const stat = await lstatIfAny(path);
  if (stat === undefined || stat.isDirectory()) return null;
  const facts = { bits: stat.mode & 0o7777, owner: [stat.uid, stat.gid] as const, stamp: stampOf(stat) };
  if (stat.isSymbolicLink()) {
    const target = await readlink(path, 'buffer');
    return { ...facts, mode: '120000', oid: blobId(target) };
  }
  if (!stat.isFile()) throw new Error('is neither a file nor a link');
  return { ...facts, mode: (stat.mode & 0o100) === 0 ? '100644' : '100755', oid: await fileId(path, stat.size) };
}

/** What changes whenever the file at a path does; undefined where there is none. */
export async function readStamp(path: string): Promise<string | undefined> {
  const stat = await lstatIfAny(path);
  return stat === undefined || stat.isDirectory() ? undefined : stampOf(stat);
}

/** What is at a path, links not followed; undefined for nothing. */
export async function lstatIfAny(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Why a path must never be written, whatever is on the disk: nothing outside of the working directory is, and nothing of
 * git's.
 */
export function problemOfPath(path: string): string | undefined {
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))) {
    return 'is no path inside the working directory';
  }
  // Without this: writes into .git
  return names.some(isGitName) ? 'belongs to git, which alone may write it' : undefined;
}

/** The first folder on the way to a path that is a link, a file or another thing that is no folder, if there is one. */
export async function obstacleOf(folder: string, path: string): Promise<string | undefined> {
  for (const above of foldersOf(path)) {
    const stat = await lstatIfAny(join(folder, above));
    if (stat !== undefined && !stat.isDirectory()) return above;
  }
  return undefined;
}

/** The folders that a relative path leads through, the outermost first. */
export function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join('/'));
}

/** The permission bits of a file in another mode: where it changes, whoever may read the file may execute it too, or nobody may. */
export function bitsWithMode({ bits, mode: before }: DiskEntry, mode: string): number {
  if (mode === before) return bits;
  return mode === '100755' ? bits | ((bits & 0o444) >> 2) : bits & ~0o111;
}

/** The name that git gives to bytes. */
function blobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

async function fileId(path: string, size: number): Promise<string> {
  const hash = createHash('sha1').update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

function stampOf({ ino, size, mtimeMs, ctimeMs, mode }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs, mode].join(' ');
}
