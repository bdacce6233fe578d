import type { Patch } from '@parleyhq/client';
import type { Span, Style } from '../../terminal/fit-line.js';
import { foldLines, linesOf } from '../../terminal/fold-lines.js';
import type { Screen } from '../../terminal/screen.js';

const SHOWN = { head: 240, tail: 60 };

/**
 * Shows a unified diff in colour. Lines are not cut, since the user consents to them. Returns whether lines are left
 * out.
 */
export function showDiff(screen: Screen, diff: string, { whole }: { whole: boolean }): boolean {
  return showDiffLines(screen, linesOf(diff), { whole });
}

/** The same for a diff in lines, some of which may have line feeds in them. */
export function showDiffLines(screen: Screen, lines: readonly string[], { whole }: { whole: boolean }): boolean {
  const shown = whole ? lines.map(colored) : foldLines(lines.map(colored), SHOWN, leftOut);
  for (const line of shown) screen.wrappedLine([line]);
  return shown.length < lines.length;
}

/** Shows what a patch would change, what of it cannot be shown, and its conflicts. */
export function showPatchSummary(screen: Screen, patch: Omit<Patch, 'diff'>): void {
  const { files, files_truncated: more = 0, exact, conflicts } = patch;
  const sum = (count: 'additions' | 'deletions') => files.reduce((total, file) => total + file[count], 0);
  const all = files.length + more;
  const count = `${all} ${all === 1 ? 'file' : 'files'}`;
  screen.line([
    { text: `Patch: ${count} `, style: 'bold' },
    { text: `+${sum('additions')} `, style: 'green' },
    { text: `-${sum('deletions')}`, style: 'red' },
  ]);
  const omitted = files.filter((file) => file.omitted !== undefined);
  for (const { path, change } of omitted) {
    screen.longLine([{ text: `Not shown, since it is too large: ${path} (${change})`, style: 'yellow' }]);
  }
  if (more > 0) screen.longLine([{ text: `Not shown: ${more} more files`, style: 'yellow' }]);
  if (!exact && omitted.length + more === 0) {
    screen.longLine([{ text: 'Not all that would change is shown: a preview.', style: 'yellow' }]);
  }
  for (const { path, reason } of conflicts) screen.longLine([{ text: `Conflict: ${path}: ${reason}`, style: 'red' }]);
}

function colored(text: string): Span {
  return { text, style: styleOf(text) };
}

function styleOf(line: string): Style | undefined {
  if (/^(diff --git|---|\+\+\+|new file|deleted file|rename|similarity|old mode|new mode|index) ?/.test(line))
    return 'bold';
  if (line.startsWith('@@')) return 'cyan';
  if (line.startsWith('+')) return 'green';
  return line.startsWith('-') ? 'red' : undefined;
}

function leftOut(count: number): Span {
  return { text: `… ${count} more lines …`, style: 'dim' };
}
