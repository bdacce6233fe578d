import { isUtf8 } from 'node:buffer';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PatchFile } from '@parleyhq/contract';
import { type BytePath, bytesOf, readPaths } from '../copy/source-files.js';
import { type Git, GitError } from './git.js';
import type { TreeEntry } from './recorded.js';

/** One file that differs between two trees. */
export interface TreeChange {
  readonly path: BytePath;
  /** The old path of a renamed file. */
  readonly oldPath: BytePath | undefined;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
  /** The change as the API shows it. */
  readonly file: PatchFile;
}

/** The differences of two trees of a store. Renames are found in the same way as by `git diff`. */
export async function diffTrees(git: Git, store: string, from: string, to: string): Promise<TreeChange[]> {
  const args = [...DIFF, '-z', '--raw', '--numstat', '--no-abbrev', from, to];
  const { stdout } = await git.run(args, { cwd: store, gitDir: store });
  // First the modes and ids of all changes, then the numbers of lines of all changes, in the same order.
  const fields = readPaths(stdout);
  const { changes, end } = readRaw(fields);
  const counts = readCounts(fields.slice(end));
  return changes.map((change, at) => ({ ...change, file: fileOf(change, counts[at]) }));
}

/** The unified diff of two trees, and whether it is complete. */
export interface DiffText {
  readonly diff: string;
  /** False if it was too long to be sent. Then binary contents are left out; if it is still too long, the diff is empty. */
  readonly whole: boolean;
}

/** Writes the differences of two trees in the format of `git diff`. Files that are not UTF-8 become exact binary patches. */
export async function writeDiff(
  git: Git,
  store: string,
  { from, to, changes }: { from: string; to: string; changes: readonly TreeChange[] },
): Promise<DiffText> {
  const place = { cwd: store, gitDir: store, maxOutput: MAX_DIFF };
  const patch = [...DIFF, '-p', '--full-index'];
  try {
    const { stdout } = await git.run([...patch, '--binary', from, to], place);
    if (isUtf8(stdout)) return { diff: stdout.toString(), whole: true };
    return { diff: await writeDiffOfBytes(git, place, [...patch, '--binary', from, to], stdout, changes), whole: true };
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== null) throw error;
    const { stdout } = await git.run([...patch, from, to], place).catch(() => ({ stdout: Buffer.alloc(0) }));
    return { diff: stdout.toString(), whole: false };
  }
}

const DIFF = ['diff-tree', '-r', '-M', '-l2000', '--no-ext-diff', '--no-textconv', '--no-color'];
/** The maximum size of a diff in one answer, in bytes. */
const MAX_DIFF = 67_108_864;

async function writeDiffOfBytes(
  git: Git,
  place: { readonly cwd: string; readonly gitDir: string; readonly maxOutput: number },
  args: readonly string[],
  diff: Buffer,
  changes: readonly TreeChange[],
): Promise<string> {
  const sections = diff.toString('latin1').split(/^(?=diff --git )/m);
  // There is one section for each change, in the same order. If the numbers differ, since a text looks like a header, all are
  // treated as binary.
  const bytes = changes.filter((_, at) => sections.length !== changes.length || !isUtf8(bytesOf(sections[at] ?? '')));
  const attributes = join(place.cwd, 'bytes.attributes');
  const patterns = bytes.flatMap(({ path, oldPath }) => [path, oldPath ?? []].flat());
  await writeFile(attributes, bytesOf(patterns.map((path) => `${attributePattern(path)} -diff\n`).join('')));
  try {
    const config = { 'core.attributesFile': attributes, 'core.quotePath': 'true' };
    return (await git.run(args, { ...place, config })).stdout.toString();
  } finally {
    await rm(attributes, { force: true });
  }
}

/** A pattern of .gitattributes that matches one path, quoted for git. */
function attributePattern(path: BytePath): string {
  const pattern = `/${path.replace(/[\\*?[\]]/g, '\\$&')}`;
  const quoted = pattern.replace(/["\\]|[^ -~]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `"${quoted}"`;
}

type RawChange = Omit<TreeChange, 'file'> & { readonly status: string };

/** The changes at the beginning of the fields, and where they end. */
function readRaw(fields: readonly string[]): { readonly changes: RawChange[]; readonly end: number } {
  const changes: RawChange[] = [];
  let at = 0;
  while (fields[at]?.startsWith(':')) {
    const [oldMode = '', mode = '', oldOid = '', oid = '', status = ''] = (fields[at] ?? '').slice(1).split(' ');
    const renamed = status.startsWith('R');
    const first = fields[at + 1] ?? '';
    changes.push({
      status,
      path: renamed ? (fields[at + 2] ?? '') : first,
      oldPath: renamed ? first : undefined,
      before: entryOf(oldMode, oldOid),
      after: entryOf(mode, oid),
    });
    at += renamed ? 3 : 2;
  }
  return { changes, end: at };
}

/** The entry of a file or link; null for others, which are never recorded. */
function entryOf(mode: string, oid: string): TreeEntry | null {
  return mode === '100644' || mode === '100755' || mode === '120000' ? { mode, oid } : null;
}

interface Counts {
  readonly additions: number;
  readonly deletions: number;
  readonly binary?: true;
}

function readCounts(fields: readonly string[]): Counts[] {
  const counts: Counts[] = [];
  for (let at = 0; at < fields.length; ) {
    const [additions = '', deletions = '', path = ''] = (fields[at] ?? '').split('\t');
    if (additions === '-') counts.push({ additions: 0, deletions: 0, binary: true });
    else counts.push({ additions: Number(additions), deletions: Number(deletions) });
    // The paths of a rename are separate fields.
    at += path === '' ? 3 : 1;
  }
  return counts;
}

const CHANGES: Readonly<Record<string, PatchFile['change']>> = {
  A: 'added',
  D: 'deleted',
  R: 'renamed',
  T: 'type_changed',
};

function fileOf({ status, path, oldPath, before, after }: RawChange, counts: Counts | undefined): PatchFile {
  return {
    path: bytesOf(path).toString(),
    ...(oldPath === undefined ? {} : { old_path: bytesOf(oldPath).toString() }),
    change: CHANGES[status.charAt(0)] ?? 'modified',
    additions: counts?.additions ?? 0,
    deletions: counts?.deletions ?? 0,
    ...(counts?.binary === undefined ? {} : { binary: true }),
    ...(before === null || before.mode === after?.mode ? {} : { old_mode: before.mode }),
    ...(after === null || before?.mode === after.mode ? {} : { new_mode: after.mode }),
  };
}
