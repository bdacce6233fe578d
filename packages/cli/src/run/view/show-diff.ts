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
  const lines = linesOf(diff).map(colored);
  const shown = whole ? lines : foldLines(lines, SHOWN, (count) => leftOut(count));
  for (const line of shown) screen.longLine([line]);
  return shown.length < lines.length;
}

/** Shows what a patch would change, and its conflicts. */
export function showPatchSummary(screen: Screen, { files, exact, conflicts }: Omit<Patch, 'diff'>): void {
  const sum = (count: 'additions' | 'deletions') => files.reduce((total, file) => total + file[count], 0);
  const count = `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  screen.line([
    { text: `Patch: ${count} `, style: 'bold' },
    { text: `+${sum('additions')} `, style: 'green' },
    { text: `-${sum('deletions')}`, style: 'red' },
  ]);
  if (!exact) screen.line([{ text: 'Not every change could be located in its file: a preview.', style: 'yellow' }]);
  for (const { path, reason } of conflicts) screen.line([{ text: `Conflict: ${path}: ${reason}`, style: 'red' }]);
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
