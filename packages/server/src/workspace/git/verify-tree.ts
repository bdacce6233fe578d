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
  const before = await readFile(noteOf(recorded), 'utf8').catch(() => EMPTY_TREE);
  if (before === tree) return tree;
  const entries = await listChanged(git, recorded, before, tree);
  const wrong: string[] = [];
  for (const [folder, inside] of byFolder(entries)) {
    for (let next = 0; next < inside.length; next += AT_ONCE) {
      const batch = inside.slice(next, next + AT_ONCE);
      const there = await lookAt(recorded, folder, batch);
      for (const [at, { path, ...entry }] of batch.entries()) {
        const found = there?.[at] ?? null;
        // Without this: records for an agent what a link led to
        if (!isSame(entry, found)) wrong.push(await record(git, recorded, path, found));
      }
    }
  }
  if (wrong.length === 0) {
    await noteVerified(recorded, tree);
    return tree;
  }
  await git.run(['update-index', '-z', '--index-info'], { ...placeOf(recorded), input: bytesOf(wrong.join('')) });
  return write();
}

/** Says that the next call need not look at the files of a tree: the server has written them itself. */
export function noteVerified(recorded: Pick<Recorded, 'index'>, tree: string): Promise<void> {
  return writeFile(noteOf(recorded), tree);
}

function noteOf({ index }: Pick<Recorded, 'index'>): string {
  return `${index}.verified`;
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

/** The entries of each folder. */
function byFolder(entries: readonly Changed[]): Map<BytePath, Changed[]> {
  const folders = new Map<BytePath, Changed[]>();
  for (const entry of entries) {
    const [folder] = splitPath(entry.path);
    const inside = folders.get(folder);
    if (inside === undefined) folders.set(folder, [entry]);
    else inside.push(entry);
  }
  return folders;
}

/** The files of a folder that leads through no link; null for one that is not there, or that cannot be read. */
function lookAt(
  recorded: Recorded,
  folder: BytePath,
  entries: readonly Changed[],
): Promise<(DiskEntry | null)[] | undefined> {
  return inHeldFolder(recorded, folder, (held) =>
    Promise.all(entries.map(({ path }) => readDisk(atHeld(held, path)).catch(() => null))),
  );
}

/** A line for `git update-index --index-info`. */
async function record(git: Git, recorded: Recorded, path: BytePath, there: DiskEntry | null): Promise<string> {
  const { gitDir, prefix } = recorded;
  const name = Buffer.from(prefix).toString('latin1') + path;
  const bytes =
    there === null || there.mode === '120000'
      ? undefined
      : await inHeldFolder(recorded, splitPath(path)[0], (held) =>
          readFile(atHeld(held, path), { flag: READ_FILE }).catch(() => undefined),
        );
  if (there === null || bytes === undefined) return `0 ${'0'.repeat(40)}\t${name}\0`;
  const oid = await git.line(['hash-object', '-w', '--stdin'], { cwd: gitDir, gitDir, input: bytes });
  return `${there.mode} ${oid}\t${name}\0`;
}

async function inHeldFolder<T>(
  { workTree, prefix }: Recorded,
  folder: BytePath,
  work: (held: string) => Promise<T>,
): Promise<T | undefined> {
  const top = Buffer.from(join(workTree, prefix, '.').replace(/\/$/, ''));
  const above = folder === '' ? top : Buffer.concat([top, Buffer.from('/'), bytesOf(folder)]);
  try {
    return await inFolder(above, work);
  } catch (error) {
    if (error instanceof BehindLink) return undefined;
    throw error;
  }
}

/** The path of a file in its folder, which is held open. */
function atHeld(held: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(held), bytesOf(`/${splitPath(path)[1]}`)]);
}

function splitPath(path: BytePath): [folder: BytePath, name: BytePath] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(0, at)), path.slice(at + 1)];
}
