import type { WriteStream } from 'node:tty';
import { fitLine, type Span, type Style } from './fit-line.js';
import { printable } from './printable.js';

/** A line, as a text or in parts. */
export type Line = string | readonly Span[];

/**
 * The command's output for people. It only appends, so that a pipe gets the same text as a terminal. Every text is made
 * printable here, and nothing that an agent says reaches the terminal in another way.
 */
export interface Screen {
  /** Begins a block, after a blank line. Does nothing if the open block has this name. */
  block(name: string): void;
  /** Continues after the last text. The text may have line feeds. */
  write(text: string, style?: Style): void;
  /** Writes a separate line, cut to the width of the terminal. */
  line(line: Line): void;
  /** Writes a separate line, not cut: the terminal wraps it. */
  longLine(line: Line): void;
  /** Begins a line that may be continued as long as `isOpen()`. */
  openLine(line: Line): void;
  isOpen(): boolean;
  /** Ends the open line, if there is one. */
  endLine(): void;
}

/** The output of a screen: `process.stdout` or something like it. */
export interface ScreenOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
  hasColors?: WriteStream['hasColors'];
}

/** Columns that an open line leaves free for its end: a mark, an exit code. */
const RESERVED_COLUMNS = 20;

/** Creates a screen. It is in colour if the output is a terminal with colours and NO_COLOR is not set. */
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
      put(fitLine(oneLine(line), columns() - RESERVED_COLUMNS));
      continuable = true;
    },
    isOpen: () => continuable,
    endLine,
  };
  return screen;
}

// The SGR codes that switch a style on and off.
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
