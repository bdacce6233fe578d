import type { PatchFile } from '@parleyhq/contract';
import { type StructuredPatchHunk, structuredPatch } from 'diff';
import type { PlannedFile } from '../workspace/planned-file.js';

/** A file of a patch, and its part of the unified diff. */
export interface FileDiff {
  readonly file: PatchFile;
  readonly diff: string;
  /** The bytes of the diff as JSON. */
  readonly bytes: number;
}

/** The bytes of a value as JSON. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** What is compared. The bytes may come from another thread. */
export interface ComparedFile extends Pick<PlannedFile, 'path' | 'exists' | 'encoding' | 'snippets'> {
  readonly before: Uint8Array | null;
  readonly after: Uint8Array;
}

/** Writes the change of one file in the format of `git diff`. Edits that could not be located follow as snippets. */
export function diffFile(compared: ComparedFile): FileDiff {
  const { path, encoding = 'utf8', snippets } = compared;
  const before = compared.before === null ? null : Buffer.from(compared.before);
  const after = Buffer.from(compared.after);
  const a = quoted(`a/${path}`);
  const b = quoted(`b/${path}`);
  const header = [`diff --git ${a} ${b}`, ...(before === null ? ['new file mode 100644'] : [])];
  const change = changeOf(compared);
  if (isBinary(before) || isBinary(after)) {
    const binary = `Binary files ${before === null ? '/dev/null' : a} and ${b} differ`;
    const diff = `${[...header, binary].join('\n')}\n`;
    return { file: { path, change, additions: 0, deletions: 0, binary: true }, diff, bytes: jsonBytes(diff) };
  }
  const hunks = [
    ...hunksOf(before?.toString(encoding) ?? '', after.toString(encoding)),
    ...snippets.flatMap(({ oldText, newText }) => hunksOf(oldText ?? '', newText)),
  ];
  const body = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldLines === 0 ? oldStart - 1 : oldStart},${oldLines} +${newLines === 0 ? newStart - 1 : newStart},${newLines} @@`,
    ...lines,
  ]);
  const count = (sign: string) => hunks.flatMap(({ lines }) => lines).filter((line) => line.startsWith(sign)).length;
  const names = body.length > 0 ? [`--- ${before === null ? '/dev/null' : a}`, `+++ ${b}`] : [];
  const diff = `${[...header, ...names, ...body].join('\n')}\n`;
  return { file: { path, change, additions: count('+'), deletions: count('-') }, diff, bytes: jsonBytes(diff) };
}

/** A file whose diff was not made, since it would be too large. */
export function withoutDiff(file: Pick<PlannedFile, 'path' | 'exists'>): FileDiff {
  const { path } = file;
  return omitDiff({ file: { path, change: changeOf(file), additions: 0, deletions: 0 } });
}

/** A file without its diff, which is too large to be shown. */
export function omitDiff({ file }: Pick<FileDiff, 'file'>): FileDiff {
  return { file: { ...file, omitted: 'too_large' }, diff: '', bytes: 0 };
}

function changeOf({ exists }: Pick<PlannedFile, 'exists'>): PatchFile['change'] {
  return exists ? 'modified' : 'added';
}

function hunksOf(before: string, after: string): StructuredPatchHunk[] {
  if (before === after) return [];
  // The time is limited. After that, the whole file is shown as replaced.
  const patch = structuredPatch('a', 'b', before, after, undefined, undefined, { context: 3, timeout: 1_000 });
  return patch === undefined ? [replacement(before, after)] : patch.hunks;
}

function replacement(before: string, after: string): StructuredPatchHunk {
  const lines = (text: string, sign: string) => {
    if (text === '') return [];
    const ended = text.endsWith('\n');
    const all = (ended ? text.slice(0, -1) : text).split('\n').map((line) => sign + line);
    return ended ? all : [...all, '\\ No newline at end of file'];
  };
  const countOf = (text: string) => (text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0));
  const [oldLines, newLines] = [countOf(before), countOf(after)];
  return { oldStart: 1, oldLines, newStart: 1, newLines, lines: [...lines(before, '-'), ...lines(after, '+')] };
}

// git checks the same number of bytes.
function isBinary(bytes: Buffer | null): boolean {
  return bytes?.subarray(0, 8_000).includes(0) ?? false;
}

// git quotes names with control characters, quotes or backslashes like strings in C.
function quoted(name: string): string {
  return /["\\\p{Cc}]/u.test(name) ? JSON.stringify(name) : name;
}
