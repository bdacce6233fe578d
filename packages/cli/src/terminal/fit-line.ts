import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** Part of a line, with its style. */
export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** The styles of text. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** How many columns a text takes. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** A line cut to this many columns, with `…` at the end if something is left out. */
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
