import type { PatchFile } from '@parleyhq/contract';
import { type StructuredPatchHunk, structuredPatch } from 'diff';
import type { PlannedFile } from '../workspace/planned-file.js';

/** A file of a patch, and its part of the unified diff. */
export interface FileDiff {
  readonly file: PatchFile;
  readonly diff: string;
}

/** Writes the change of one file in the format of `git diff`. Edits that could not be located follow as snippets. */
export function diffFile(planned: PlannedFile): FileDiff {
  const { path, before, after } = planned;
  const a = quoted(`a/${path}`);
  const b = quoted(`b/${path}`);
  const header = [`diff --git ${a} ${b}`, ...(before === null ? ['new file mode 100644'] : [])];
  const change = before === null ? 'added' : 'modified';
  if (isBinary(before) || isBinary(after)) {
    const binary = `Binary files ${before === null ? '/dev/null' : a} and ${b} differ`;
    return {
      file: { path, change, additions: 0, deletions: 0, binary: true },
      diff: `${[...header, binary].join('\n')}\n`,
    };
  }
  const hunks = [
    ...hunksOf(before?.toString('utf8') ?? '', after.toString('utf8')),
    ...planned.snippets.flatMap(({ oldText, newText }) => hunksOf(oldText ?? '', newText)),
  ];
  const body = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldLines === 0 ? oldStart - 1 : oldStart},${oldLines} +${newLines === 0 ? newStart - 1 : newStart},${newLines} @@`,
    ...lines,
  ]);
  const count = (sign: string) => hunks.flatMap(({ lines }) => lines).filter((line) => line.startsWith(sign)).length;
  const names = body.length > 0 ? [`--- ${before === null ? '/dev/null' : a}`, `+++ ${b}`] : [];
  return {
    file: { path, change, additions: count('+'), deletions: count('-') },
    diff: `${[...header, ...names, ...body].join('\n')}\n`,
  };
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
