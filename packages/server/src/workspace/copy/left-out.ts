import { createHash } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { type BytePath, bytesOf, readPaths } from '../byte-path.js';
import type { Git } from '../git/git.js';
import type { IndexEntry } from '../git/read-index.js';
import { placeOf, type Recorded } from '../git/recorded.js';
import { writeIndexTree } from '../git/write-tree.js';

/** Paths that one command is given. */
const AT_ONCE = 500;

/**
 * Records in a tree what git leaves out of the user's directory, such as the rest of a sparse checkout. The contents are not
 * copied.
 *
 * @param store a repository of the server
 * @returns undefined if there is nothing, or if the ids of the repository are of another kind
 */
export async function recordLeftOut(
  git: Git,
  store: string,
  entries: readonly IndexEntry[],
): Promise<string | undefined> {
  const left = entries.filter(({ isLeftOut, mode, oid }) => isLeftOut && mode !== '160000' && oid.length === 40);
  if (left.length === 0) return undefined;
  const index = `${store}/left-out.index`;
  const place = { cwd: store, gitDir: store, index };
  const input = bytesOf(left.map(({ mode, oid, path }) => `${mode} ${oid}\t${path}\0`).join(''));
  await git.run(['update-index', '-z', '--index-info'], { ...place, input });
  const tree = await git.line(['write-tree', '--missing-ok'], place);
  await rm(index, { force: true });
  return tree;
}

/**
 * The tree without files that the agent's git has put into the copy as the project's history has them, though the user's
 * directory was without: after `git sparse-checkout disable` and the like.
 *
 * @param base the tree of the user's directory
 * @param tree the copy as it is
 * @param leftOut from `recordLeftOut`
 */
export async function withoutLeftOut(
  git: Git,
  recorded: Recorded,
  { base, tree, leftOut }: { readonly base: string; readonly tree: string; readonly leftOut: string },
): Promise<string> {
  const place = { cwd: recorded.gitDir, gitDir: recorded.gitDir };
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--diff-filter=A', base, tree];
  const fields = readPaths((await git.run(args, place)).stdout);
  const added = fields.flatMap((facts, at) =>
    at % 2 === 0 ? { oid: facts.split(' ')[3], path: fields[at + 1] ?? '' } : [],
  );
  const same: BytePath[] = [];
  for (let next = 0; next < added.length; next += AT_ONCE) {
    const batch = added.slice(next, next + AT_ONCE);
    const known = await idsIn(
      git,
      recorded,
      leftOut,
      batch.map(({ path }) => path),
    );
    for (const { path, oid = '' } of batch) {
      const expected = known.get(path);
      if (expected !== undefined && (expected === oid || expected === (await unixId(git, recorded, oid))))
        same.push(path);
    }
  }
  if (same.length === 0) return tree;
  // The index itself goes on knowing them, so that they are not read again.
  const index = `${recorded.index}.pruned`;
  await copyFile(recorded.index, index);
  const pruned = { ...recorded, index };
  const input = bytesOf(same.map((path) => `${path}\0`).join(''));
  await git.run(['update-index', '--force-remove', '-z', '--stdin'], { ...placeOf(pruned), input });
  return writeIndexTree(git, pruned);
}

/** The ids that paths have in a tree; those that it does not have are missing. */
async function idsIn(
  git: Git,
  { gitDir }: Recorded,
  tree: string,
  paths: readonly BytePath[],
): Promise<Map<BytePath, string>> {
  const names = paths.map((path) => bytesOf(path).toString());
  const { stdout } = await git.run(['ls-tree', '-z', tree, ...names], { cwd: gitDir, gitDir });
  return new Map(
    readPaths(stdout).map((line) => {
      const [facts = '', path = ''] = line.split(/\t(.*)/s);
      return [path, facts.split(' ')[2] ?? ''];
    }),
  );
}

/** The id of a file with the line ends that git keeps it with. */
async function unixId(git: Git, { gitDir }: Recorded, oid: string): Promise<string> {
  const { stdout } = await git.run(['cat-file', 'blob', oid], { cwd: gitDir, gitDir });
  const text = stdout.toString('latin1').replaceAll('\r\n', '\n');
  const bytes = Buffer.from(text, 'latin1');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
