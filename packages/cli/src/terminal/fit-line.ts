import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** Part of a line: its text, and how it is painted. */
export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** The ways in which text is painted. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** The columns that a text takes. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** A line cut to so many columns, with `…` where something is left out. */
export function fitLine(line: readonly Span[], columns: number): Span[] {
  if (line.reduce((sum, { text }) => sum + widthOf(text), 0) <= columns) return [...line];
  const fitted: Span[] = [];
  let left = columns - 1; // for the mark
  for (const { text, style } of line) {
    const part = startOf(text, left);
    fitted.push({ text: part, style });
    left -= widthOf(part);
    if (part.length < text.length) break;
  }
  return [...fitted, { text: '…' }];
}

function startOf(text: string, columns: number): string {
  let start = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment);
    if (width > columns) return start;
    start += segment;
  }
  return start;
}
