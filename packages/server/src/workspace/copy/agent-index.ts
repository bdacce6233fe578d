import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BytePath, bytesOf, readPaths } from '../byte-path.js';
import type { Git, GitCall } from '../git/git.js';
import { type IndexEntry, readIntended } from '../git/read-index.js';
import type { Repository } from '../git/repository.js';

/**
 * Writes the index of a copy: the last commit, nothing staged, and the user's marks. What the user's git leaves out of the work tree
 * or takes for unchanged, that of the agent does too.
 *
 * @param place the copy and its `.git`
 * @param entries the user's index, as far as the copy has it
 */
export async function writeAgentIndex(
  git: Git,
  place: GitCall & { readonly workTree: string },
  { top, prefix }: Repository,
  entries: readonly IndexEntry[],
): Promise<void> {
  const above = Buffer.from(prefix).toString('latin1');
  const mark = async (option: string, paths: readonly BytePath[]) => {
    if (paths.length > 0) await git.run(['update-index', option, '-z', '--stdin'], { ...place, input: lines(paths) });
  };
  // Fails if there is no commit yet. Then there is nothing to compare the files with.
  const { code } = await git.run(['read-tree', '-m', 'HEAD'], { ...place, answers: [0, 128] });
  const known = code === 0 ? readPaths((await git.run(['ls-files', '-z'], place)).stdout) : [];
  const marked = (has: 'isSkipped' | 'isAssumed') =>
    new Set(entries.filter((entry) => entry[has]).map(({ path }) => above + path));
  const [skipped, assumed] = [marked('isSkipped'), marked('isAssumed')];
  // Files outside of the copied directory are missing on purpose and not deleted.
  await mark(
    '--skip-worktree',
    known.filter((path) => !path.startsWith(above) || skipped.has(path)),
  );
  await mark(
    '--assume-unchanged',
    known.filter((path) => assumed.has(path)),
  );
  const intended = await readIntended(git, join(top, prefix), entries);
  await announce(
    git,
    place,
    intended.map((path) => above + path),
    new Set(known),
  );
}

/** Announces new files as the user has, with `git add --intent-to-add`. Git does not read them for it. */
async function announce(
  git: Git,
  place: GitCall & { readonly workTree: string },
  paths: readonly BytePath[],
  known: ReadonlySet<BytePath>,
): Promise<void> {
  const isThere = (path: BytePath) =>
    lstat(Buffer.concat([Buffer.from(`${place.workTree}/`), bytesOf(path)])).then(
      () => true,
      () => false,
    );
  const there = await Promise.all(paths.map(async (path) => !known.has(path) && (await isThere(path))));
  const input = lines(paths.filter((_, at) => there[at]));
  if (input.length === 0) return;
  const args = ['--literal-pathspecs', 'add', '--intent-to-add', '--force'];
  await git.run([...args, '--pathspec-from-file=-', '--pathspec-file-nul'], { ...place, input });
}

/**
 * The patterns of a sparse checkout that has one directory, without what is skipped in it.
 *
 * @param entries the index below the directory
 */
export function sparsePatterns(directory: string, entries: readonly IndexEntry[]): Buffer {
  const skipped = entries.filter(({ isSkipped }) => isSkipped).map(({ path }) => path);
  const kept = new Set(entries.flatMap(({ path, isSkipped }) => (isSkipped ? [] : foldersAbove(path))));
  const left = new Set(skipped.map((path) => foldersAbove(path).find((folder) => !kept.has(folder)) ?? path));
  const top = Buffer.from(directory).toString('latin1');
  return bytesOf([`/${escaped(top)}\n`, ...[...left].map((path) => `!/${escaped(top + path)}\n`)].join(''));
}

/** The folders that a path is in, the outermost first, each with a `/` at its end. */
function foldersAbove(path: BytePath): BytePath[] {
  return [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1));
}

/** Escapes a path for a pattern of git, so that no character is a wildcard. */
function escaped(path: string): string {
  return path.replace(/[\\*?[\]]| $/g, '\\$&');
}

function lines(paths: readonly BytePath[]): Buffer {
  return bytesOf(paths.map((path) => `${path}\0`).join(''));
}
