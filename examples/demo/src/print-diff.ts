import type { Screen } from './screen.js';

/** Prints a unified diff: removed lines in red, added lines in green. */
export function printDiff({ lines, style }: Screen, diff: string): void {
  const marked = diff
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (line.startsWith('+++') || line.startsWith('---')) return style.bold(line);
      if (line.startsWith('+')) return style.green(line);
      if (line.startsWith('-')) return style.red(line);
      return style.dim(line);
    });
  lines('patch', marked.join('\n'));
}
