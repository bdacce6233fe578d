import type { WriteStream } from 'node:tty';
import { fitLine, type Span, type Style } from './fit-line.js';
import { printable } from './printable.js';

/** A line, or its parts. */
export type Line = string | readonly Span[];

/**
 * Where the command writes for people. It only ever appends, so that a pipe gets what a terminal shows. Every text is made
 * printable here and nowhere else: nothing that an agent says reaches the terminal in another way.
 */
export interface Screen {
  /** Begins a block, a blank line after the one before, unless this very block is open. */
  block(name: string): void;
  /** Continues where the last text ended, with text that may have line feeds. */
  write(text: string, style?: Style): void;
  /** A line of its own, cut to the width of the terminal. */
  line(line: Line): void;
  /** The same, whole: the terminal breaks it. */
  longLine(line: Line): void;
  /** The beginning of a line that may be continued; `isOpen` tells whether it still can be. */
  openLine(line: Line): void;
  isOpen(): boolean;
  /** Ends the line that is open. */
  endLine(): void;
}

/** What a screen writes to: `process.stdout`, or anything like it. */
export interface ScreenOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
  hasColors?: WriteStream['hasColors'];
}

/** What a continued line may still need of its width: a mark, an exit code. */
const ROOM = 20;

/** A screen on an output; in colour where that is a terminal which has colours and NO_COLOR does not forbid them. */
export function createScreen(output: ScreenOutput): Screen {
  const colored = output.isTTY === true && output.hasColors?.() === true;
  let open: string | undefined;
  let atStart = true;
  let continuable = false;
  const columns = () => (output.isTTY === true && output.columns) || Number.POSITIVE_INFINITY;

  function write(text: string, style?: Style): void {
    const safe = printable(text);
    if (safe === '') return;
    output.write(style !== undefined && colored ? paint(style, safe) : safe);
    atStart = safe.endsWith('\n');
    continuable = false;
  }

  function endLine(): void {
    if (!atStart) write('\n');
  }

  function put(spans: readonly Span[]): void {
    endLine();
    for (const { text, style } of spans) write(text, style);
  }

  const screen: Screen = {
    block(name) {
      if (open === name) return;
      endLine();
      if (open !== undefined) write('\n');
      open = name;
    },
    write,
    line(line) {
      put(fitLine(oneLine(line), columns()));
      write('\n');
    },
    longLine(line) {
      put(oneLine(line));
      write('\n');
    },
    openLine(line) {
      put(fitLine(oneLine(line), columns() - ROOM));
      continuable = true;
    },
    isOpen: () => continuable,
    endLine,
  };
  return screen;
}

// What to say before and after, as every terminal since the VT100 understands it.
const PAINTS: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

function paint(style: Style, text: string): string {
  const [on, off] = PAINTS[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

function oneLine(line: Line): Span[] {
  const spans = typeof line === 'string' ? [{ text: line }] : line;
  return spans.map(({ text, style }) => ({
    text: printable(text).replaceAll('\n', ' ').replaceAll('\t', '  '),
    style,
  }));
}
