import { lstat } from 'node:fs/promises';
import { type BytePath, bytesOf, readPaths } from '../byte-path.js';
import type { Git } from './git.js';
import { placeOf, type Recorded } from './recorded.js';
import { removeUnfinished } from './store.js';
import { verifyTree } from './verify-tree.js';

/** With more new files than this, they are written into one pack. */
const MANY_FILES = 500;

/** The paths in the index. */
export async function listKnown(git: Git, recorded: Recorded): Promise<BytePath[]> {
  return readPaths((await git.run(['ls-files', '-z'], placeOf(recorded))).stdout);
}

/**
 * Records the current bytes, links and executable bits of these paths in a tree. Only files that have changed since the last
 * call are read.
 *
 * @param known the paths in the index
 * @returns the id of the tree
 */
export async function writeTree(
  git: Git,
  recorded: Recorded,
  known: readonly BytePath[],
  paths: readonly BytePath[],
): Promise<string> {
  const place = placeOf(recorded);
  const reachable = await withoutLinks(place.cwd, paths);
  const wanted = new Set(reachable);
  const gone = known.filter((path) => !wanted.has(path));
  const update = async (options: readonly string[], of: readonly BytePath[]) => {
    if (of.length === 0) return;
    const input = bytesOf(of.map((path) => `${path}\0`).join(''));
    // Many new files are written into one pack, which is several times faster than one object file for each.
    const config = paths.length - known.length > MANY_FILES ? { 'core.bigFileThreshold': '1' } : undefined;
    try {
      await git.run(['update-index', ...options, '-z', '--stdin'], { ...place, input, config });
    } catch (error) {
      // Without this: leaves the half of a file in the store of the server, each time
      await removeUnfinished(recorded.gitDir);
      throw error;
    }
  };
  await update(['--force-remove'], gone);
  await update(['--add', '--remove', '--replace'], reachable);
  const write = () => writeIndexTree(git, recorded);
  return verifyTree(git, recorded, await write(), write);
}

/** Records the index in a tree, as far as it is below the prefix. */
export function writeIndexTree(git: Git, recorded: Recorded): Promise<string> {
  const { prefix } = recorded;
  return git.line(['write-tree', ...(prefix === '' ? [] : [`--prefix=${prefix}`])], placeOf(recorded));
}

/** The paths without those that lead through a link or a file: a folder in the index may have been replaced by a link. */
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
