import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();
const ASCII = /^[ -~]*$/;

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

/** What each further row of a line begins with. */
export const CONTINUED = '↳ ';

/**
 * A line in rows of at most this many columns. Each further row begins with a mark, so that none looks like a line of its
 * own.
 */
export function wrapLine(line: readonly Span[], columns: number): Span[][] {
  // Most lines: to look at each of their characters takes a second for a megabyte.
  const isShort = line.reduce((sum, { text }) => sum + text.length, 0) <= columns;
  if (isShort && line.every(({ text }) => ASCII.test(text))) return [[...line]];
  let row: Span[] = [];
  const rows = [row];
  let width = 0;
  for (const { text, style } of line) {
    let part = '';
    for (const { segment } of graphemes.segment(text)) {
      const more = mostWidthOf(segment);
      if (width + more > columns && width > 0 && more > 0) {
        row.push({ text: part, style });
        // Without this: lets a row of a long line look like a line of its own
        row = [{ text: CONTINUED, style: 'dim' }];
        rows.push(row);
        [part, width] = ['', widthOf(CONTINUED)];
      }
      part += segment;
      width += more;
    }
    row.push({ text: part, style });
  }
  return rows;
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

/** The columns of a character in a terminal that does not know how its parts are joined; 0 for a part of the one before. */
function mostWidthOf(character: string): number {
  if (ASCII.test(character)) return character.length;
  if (/^[\p{M}\u1160-\u11ff\ud7b0-\ud7ff]/u.test(character)) return 0;
  const parts = character.length > 1 ? [...character].reduce((sum, part) => sum + widthOf(part), 0) : 0;
  return Math.max(widthOf(character), parts);
}
