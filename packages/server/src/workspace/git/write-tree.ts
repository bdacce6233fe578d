import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BytePath, bytesOf, readPaths } from '../copy/source-files.js';
import type { Git, GitCall } from './git.js';

/** A folder whose files are recorded in a repository of the server's own. Its index remembers what has been read. */
export interface Recorded {
  readonly gitDir: string;
  readonly index: string;
  readonly workTree: string;
  /** Of the folder in the work tree, with a `/` at the end; empty for the work tree itself. */
  readonly prefix: string;
}

/** A file of a tree. */
export interface TreeEntry {
  readonly mode: '100644' | '100755' | '120000';
  readonly oid: string;
}

const MANY = 500;

/** How git is to be run on a recorded folder: paths are relative to it. */
export function placeOf({ gitDir, index, workTree, prefix }: Recorded): GitCall {
  return { cwd: join(workTree, prefix), gitDir, workTree, index };
}

/** What the index knows of. */
export async function listKnown(git: Git, recorded: Recorded): Promise<BytePath[]> {
  return readPaths((await git.run(['ls-files', '-z'], placeOf(recorded))).stdout);
}

/**
 * Records the bytes, links and executable bits of these paths, as they are on the disk by then, in a tree. Only what has
 * changed since the last time is read.
 *
 * @returns the id of the tree
 */
export async function writeTree(git: Git, recorded: Recorded, paths: readonly BytePath[]): Promise<string> {
  const place = placeOf(recorded);
  const reachable = await withoutLinks(place.cwd, paths);
  const wanted = new Set(reachable);
  const known = await listKnown(git, recorded);
  const gone = known.filter((path) => !wanted.has(path));
  const update = async (options: readonly string[], of: readonly BytePath[]) => {
    if (of.length === 0) return;
    const input = bytesOf(of.map((path) => `${path}\0`).join(''));
    // Many new files go into one pack: several times faster than a file each.
    const config = paths.length - known.length > MANY ? { 'core.bigFileThreshold': '1' } : undefined;
    await git.run(['update-index', ...options, '-z', '--stdin'], { ...place, input, config });
  };
  await update(['--force-remove'], gone);
  await update(['--add', '--remove', '--replace'], reachable);
  return git.line(['write-tree', ...(recorded.prefix === '' ? [] : [`--prefix=${recorded.prefix}`])], place);
}

/** Without the paths that lead through a link or a file: the index may name files where there is a link by now. */
async function withoutLinks(folder: string, paths: readonly BytePath[]): Promise<BytePath[]> {
  const root = Buffer.from(folder);
  const known = new Map<BytePath, Promise<boolean>>([['', Promise.resolve(true)]]);

  function isFolder(path: BytePath): Promise<boolean> {
    const seen = known.get(path);
    if (seen !== undefined) return seen;
    const looked = isFolder(parentOf(path)).then(async (parent) => {
      if (!parent) return false;
      const stat = await lstat(Buffer.concat([root, Buffer.from('/'), bytesOf(path)])).catch(() => undefined);
      return stat?.isDirectory() === true;
    });
    known.set(path, looked);
    return looked;
  }

  const reachable = await Promise.all(paths.map((path) => isFolder(parentOf(path))));
  return paths.filter((_, at) => reachable[at]);
}

function parentOf(path: BytePath): BytePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
