/** How many lines are shown at the beginning and at the end. */
export interface Fold {
  readonly head: number;
  readonly tail: number;
}

/** The first and the last lines, with a line between them that says how many are left out. */
export function foldLines<T>(lines: readonly T[], { head, tail }: Fold, mark: (count: number) => T): readonly T[] {
  const left = lines.length - head - tail;
  if (left <= 1) return lines; // one line is not worth a mark
  return [...lines.slice(0, head), mark(left), ...lines.slice(lines.length - tail)];
}

/** The lines of a text. A line feed at its end starts no line. */
export function linesOf(text: string, end: RegExp = /\n/): string[] {
  const lines = text.split(end);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The lines of what a program printed: a carriage return, with which it would draw over a line, ends one too. */
export function printedLinesOf(text: string): string[] {
  return linesOf(text, /\n|(?<=\r)(?!\n)/);
}
