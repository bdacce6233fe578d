import { lstat } from 'node:fs/promises';
import { type BytePath, bytesOf, readPaths } from '../byte-path.js';
import type { Git, GitCall } from './git.js';

/** A path in the index of the user's repository. */
export interface IndexEntry {
  /** Relative to the folder that was asked for. */
  readonly path: BytePath;
  readonly mode: string;
  readonly oid: string;
  /** Git leaves it out of the work tree: a sparse checkout, or `git update-index --skip-worktree`. */
  readonly isSkipped: boolean;
  /** Git takes it for unchanged without a look: `git update-index --assume-unchanged`. */
  readonly isAssumed: boolean;
  /** One of the two, and there is no such file. Its absence is no deletion. */
  readonly isLeftOut: boolean;
}

/** Files that are looked at at the same time. */
const AT_ONCE = 1_000;

/** Reads the index of the user's repository, as far as it concerns a folder. Git reads no file of the work tree for it. */
export async function readIndex(git: Git, place: GitCall): Promise<IndexEntry[]> {
  const { stdout } = await git.run(['ls-files', '-z', '-v', '--stage'], place);
  const entries = readPaths(stdout).map(entryOf);
  const marked = entries.filter(({ isSkipped, isAssumed }) => isSkipped || isAssumed);
  const leftOut = new Set<BytePath>();
  for (let next = 0; next < marked.length; next += AT_ONCE) {
    const looked = marked.slice(next, next + AT_ONCE).map(async ({ path }) => {
      if (!(await isThere(place.cwd, path))) leftOut.add(path);
    });
    await Promise.all(looked);
  }
  return entries.map((entry) => ({ ...entry, isLeftOut: leftOut.has(entry.path) }));
}

/** The ids of an empty file, of which an announced file has one in the index. */
const EMPTY_FILES = [
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
];
/** Git opens the files that these name, also where it needs none of them. */
const OPEN_NOTHING = { 'core.excludesFile': '/dev/null', 'core.attributesFile': '/dev/null' };

/**
 * The paths that the user has announced with `git add --intent-to-add`, relative to the folder that was asked for.
 *
 * @param entries the index
 */
export async function readIntended(git: Git, cwd: string, entries: readonly IndexEntry[]): Promise<BytePath[]> {
  const empty = entries.filter(({ oid }) => EMPTY_FILES.includes(oid)).map(({ path }) => path);
  if (empty.length === 0) return [];
  const head = await git.run(['rev-parse', '--verify', '-q', 'HEAD'], { cwd, answers: [0, 1] });
  const tree = head.code === 0 ? 'HEAD' : await git.line(['hash-object', '-t', 'tree', '--stdin'], { cwd });
  const staged = async (option: string) => {
    const args = ['diff-index', '--cached', '--relative', '--name-only', '--no-renames', '-z', option, tree];
    // Without this: waits for a pipe that a project names as its ignore rules
    return new Set(readPaths((await git.run(args, { cwd, config: OPEN_NOTHING })).stdout));
  };
  const [withThem, others] = await Promise.all([staged('--ita-visible-in-index'), staged('--ita-invisible-in-index')]);
  return empty.filter((path) => withThem.has(path) && !others.has(path));
}

function entryOf(line: string): Omit<IndexEntry, 'isLeftOut'> {
  const tab = line.indexOf('\t');
  const [tag = '', mode = '', oid = ''] = line.slice(0, tab).split(' ');
  return {
    path: line.slice(tab + 1),
    mode,
    oid,
    isSkipped: tag.toUpperCase() === 'S',
    isAssumed: tag !== tag.toUpperCase(),
  };
}

function isThere(folder: string, path: BytePath): Promise<boolean> {
  return lstat(Buffer.concat([Buffer.from(`${folder}/`), bytesOf(path)])).then(
    () => true,
    () => false,
  );
}
