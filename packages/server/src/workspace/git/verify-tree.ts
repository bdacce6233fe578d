import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BehindLink, inFolder } from '../../files/without-links.js';
import { type BytePath, bytesOf } from '../byte-path.js';
import { type DiskEntry, READ_FILE, readDisk } from '../landing/on-disk.js';
import { type Git, GitError } from './git.js';
import { isSame, placeOf, type Recorded, type TreeEntry } from './recorded.js';

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
/** Files that are read at the same time. */
const AT_ONCE = 16;

/**
 * Looks at every file that git has recorded since the last call: git reads by path, and a folder may have been a link at that
 * moment. Where the file behind no link is another one, that is recorded instead.
 *
 * @param tree what git has recorded
 * @param write records the index in a tree
 * @returns the id of the tree
 */
export async function verifyTree(
  git: Git,
  recorded: Recorded,
  tree: string,
  write: () => Promise<string>,
): Promise<string> {
  const note = `${recorded.index}.verified`;
  const before = await readFile(note, 'utf8').catch(() => EMPTY_TREE);
  if (before === tree) return tree;
  const entries = await listChanged(git, recorded, before, tree);
  const wrong: string[] = [];
  for (let next = 0; next < entries.length; next += AT_ONCE) {
    const looked = entries.slice(next, next + AT_ONCE).map(async ({ path, ...entry }) => {
      const there = await lookAt(recorded, path);
      // Without this: records for an agent what a link led to
      if (!isSame(entry, there)) wrong.push(await record(git, recorded, path, there));
    });
    await Promise.all(looked);
  }
  if (wrong.length === 0) {
    await writeFile(note, tree);
    return tree;
  }
  await git.run(['update-index', '-z', '--index-info'], { ...placeOf(recorded), input: bytesOf(wrong.join('')) });
  return write();
}

interface Changed extends TreeEntry {
  readonly path: BytePath;
}

async function listChanged(git: Git, { gitDir }: Recorded, before: string, tree: string): Promise<Changed[]> {
  const compare = (from: string) =>
    git.run(['diff-tree', '-r', '-z', '--no-renames', '--diff-filter=AMT', from, tree], { cwd: gitDir, gitDir });
  // What was verified last may have been removed from the cache.
  const { stdout } = await compare(before).catch((error) => {
    if (error instanceof GitError) return compare(EMPTY_TREE);
    throw error;
  });
  const fields = stdout.toString('latin1').split('\0').slice(0, -1);
  return fields.flatMap((facts, at) => {
    const [, mode, , oid = ''] = at % 2 === 0 ? facts.split(' ') : [];
    if (mode !== '100644' && mode !== '100755' && mode !== '120000') return [];
    return [{ mode, oid, path: fields[at + 1] ?? '' }];
  });
}

/** The file of a path that leads through no link; null if there is none, or if it cannot be read. */
async function lookAt(recorded: Recorded, path: BytePath): Promise<DiskEntry | null> {
  return (await inItsFolder(recorded, path, (file) => readDisk(file).catch(() => null))) ?? null;
}

/** A line for `git update-index --index-info`. */
async function record(git: Git, recorded: Recorded, path: BytePath, there: DiskEntry | null): Promise<string> {
  const { gitDir, prefix } = recorded;
  const name = Buffer.from(prefix).toString('latin1') + path;
  const bytes =
    there === null || there.mode === '120000'
      ? undefined
      : await inItsFolder(recorded, path, (file) => readFile(file, { flag: READ_FILE }).catch(() => undefined));
  if (there === null || bytes === undefined) return `0 ${'0'.repeat(40)}\t${name}\0`;
  const oid = await git.line(['hash-object', '-w', '--stdin'], { cwd: gitDir, gitDir, input: bytes });
  return `${there.mode} ${oid}\t${name}\0`;
}

async function inItsFolder<T>(
  { workTree, prefix }: Recorded,
  path: BytePath,
  work: (file: Buffer) => Promise<T>,
): Promise<T | undefined> {
  const at = path.lastIndexOf('/');
  const folder = Buffer.from(join(workTree, prefix, '.').replace(/\/$/, ''));
  const above = at < 0 ? folder : Buffer.concat([folder, Buffer.from('/'), bytesOf(path.slice(0, at))]);
  try {
    return await inFolder(above, (held) => work(Buffer.concat([Buffer.from(held), bytesOf(`/${path.slice(at + 1)}`)])));
  } catch (error) {
    if (error instanceof BehindLink) return undefined;
    throw error;
  }
}
