import { isUtf8 } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PatchFile } from '@parleyhq/contract';
import { type BytePath, bytesOf, readPaths } from '../byte-path.js';
import { type Git, GitError, MAX_COMPARED } from './git.js';
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

/** The unified diff of two trees. */
export interface DiffText {
  /** The part of each change; undefined where it would be too long. */
  readonly parts: readonly (string | undefined)[];
  /** False if the diff is too long to be written whole. Then binary contents are left out, and the parts of large files. */
  readonly whole: boolean;
}

/**
 * Writes the differences of two trees in the format of `git diff`, as far as they have at most `maxBytes`. Files that are not
 * UTF-8 become exact binary patches.
 */
export async function writeDiff(
  git: Git,
  store: string,
  { from, to, changes }: { from: string; to: string; changes: readonly TreeChange[] },
  maxBytes: number,
): Promise<DiffText> {
  const place = { cwd: store, gitDir: store, maxOutput: maxBytes };
  const patch = [...DIFF, '-p', '--full-index'];
  const sizes = await sizesOf(git, store, changes);
  // Without this: reads files of any size into memory, to show them
  const whole = sizes.some((size) => size > MAX_SHOWN)
    ? undefined
    : await ifNotTooLong(git.run([...patch, '--binary', from, to], place));
  if (whole !== undefined) {
    const { stdout } = whole;
    const diff = isUtf8(stdout)
      ? stdout.toString()
      : await writeDiffOfBytes(git, place, [...patch, '--binary', from, to], stdout, changes);
    return { parts: partsOf(diff, changes), whole: true };
  }
  const large = findLarge(sizes, maxBytes);
  const config = await treatAsBinary(
    store,
    changes.filter((_, at) => large.has(at)),
  );
  const { stdout } = await git.run([...patch, from, to], { ...place, config }).catch(() => ({ stdout: undefined }));
  if (stdout === undefined) return { parts: changes.map(() => undefined), whole: false };
  const parts = partsOf(stdout.toString(), changes);
  return { parts: parts.map((part, at) => (large.has(at) ? undefined : part)), whole: false };
}

/** The answer of a command; undefined if it was ended since it said too much. */
function ifNotTooLong<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error) => {
    if (error instanceof GitError && error.code === null) return undefined;
    throw error;
  });
}

/** The largest change of which a diff is made, in bytes, before and after together. */
const MAX_SHOWN = 2 * MAX_COMPARED;
const DIFF = ['diff-tree', '-r', '-M', '-l2000', '--no-ext-diff', '--no-textconv', '--no-color'];

interface DiffPlace {
  readonly cwd: string;
  readonly gitDir: string;
  readonly maxOutput: number;
}

/** The parts of a diff, one for each change. A change of a file to a link has two headers. */
function partsOf(diff: string, changes: readonly TreeChange[]): string[] {
  // Only a header begins so: each line of a content has a character before it.
  const sections = diff.split(/(?<![^\n])(?=diff --git )/);
  const parts = changes.map(({ file }) => sections.splice(0, file.change === 'type_changed' ? 2 : 1).join(''));
  return parts.map((part, at) => (at === parts.length - 1 ? part + sections.join('') : part));
}

/** The bytes of each change, before and after together. */
async function sizesOf(git: Git, store: string, changes: readonly TreeChange[]): Promise<number[]> {
  const oids = changes.flatMap(({ before, after }) => [before, after].flatMap((entry) => entry?.oid ?? []));
  const { stdout } = await git.run(['cat-file', '--batch-check=%(objectsize)'], {
    ...{ cwd: store, gitDir: store },
    input: oids.map((oid) => `${oid}\n`).join(''),
  });
  const sizes = stdout.toString().split('\n').map(Number);
  return changes.map(({ before, after }) => sum(sizes.splice(0, (before ? 1 : 0) + (after ? 1 : 0))));
}

/** The places of changes that must be left out, so that the diff of the others fits surely: the smallest files are shown. */
function findLarge(sizes: readonly number[], maxBytes: number): Set<number> {
  const bySize = sizes.map((size, at) => ({ at, size })).sort((one, other) => one.size - other.size);
  // A line of one byte has two in the diff; the rest is headers.
  let room = maxBytes / 2;
  const shown = bySize.filter(({ size }) => {
    room -= size + HEADER;
    return room >= 0 && size <= MAX_SHOWN;
  });
  return new Set(bySize.slice(shown.length).map(({ at }) => at));
}

/** About as many bytes has the header of a file in a diff. */
const HEADER = 512;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function writeDiffOfBytes(
  git: Git,
  place: DiffPlace,
  args: readonly string[],
  diff: Buffer,
  changes: readonly TreeChange[],
): Promise<string> {
  const parts = partsOf(diff.toString('latin1'), changes);
  const bytes = changes.filter((_, at) => !isUtf8(bytesOf(parts[at] ?? '')));
  const config = await treatAsBinary(place.cwd, bytes);
  return (await git.run(args, { ...place, config })).stdout.toString();
}

/** The settings with which git takes these files for binary ones, until they are asked for again. */
async function treatAsBinary(store: string, changes: readonly TreeChange[]): Promise<Record<string, string>> {
  const attributes = join(store, 'bytes.attributes');
  const patterns = changes.flatMap(({ path, oldPath }) => [path, oldPath ?? []].flat());
  await writeFile(attributes, bytesOf(patterns.map((path) => `${attributePattern(path)} -diff\n`).join('')));
  return { 'core.attributesFile': attributes, 'core.quotePath': 'true' };
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
