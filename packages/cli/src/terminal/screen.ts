import type { WriteStream } from 'node:tty';
import { visible, visibleInLog, visibleLine } from '@parleyhq/conformance/visible';
import { fitLine, type Span, type Style, wrapLine } from './fit-line.js';

/** A line, as a text or in parts. */
export type Line = string | readonly Span[];

/**
 * The command's output for people. It only appends, so that a pipe gets the same text as a terminal. Every character is
 * made visible here, and nothing that an agent says reaches the terminal in another way.
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
  /** Writes a separate line, not cut. In a terminal each further row of it has a mark, so that none looks like a line. */
  wrappedLine(line: Line): void;
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

// The end of a streamed text that may be a part of a character, whose rest comes with the next text: a half of a surrogate
// pair, or an emoji that goes on with a joiner.
const PARTIAL =
  /(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{Cs}]|[\u{e0020}-\u{e007f}]|\u200d|\ufe0f)+$/u;

// The end of a streamed text that may become a command to a CI system: `::` at the beginning of a line, `##[` anywhere.
const PARTIAL_COMMAND = /(?:(?<![^\n])[^\S\n]*:?|#+\w*)$/;

/** Creates a screen. It is in colour if the output is a terminal with colours and NO_COLOR is not set. */
export function createScreen(output: ScreenOutput): Screen {
  const isTerminal = output.isTTY === true;
  const colored = isTerminal && output.hasColors?.() === true;
  let open: string | undefined;
  let atStart = true;
  let continuable = false;
  let held: Span = { text: '' };
  // What is no terminal may be the log of a CI system.
  const show = isTerminal ? visible : visibleInLog;
  const columns = () => (isTerminal && output.columns) || Number.POSITIVE_INFINITY;

  /** Writes text in which every character is visible. */
  function emit(text: string, style?: Style): void {
    if (text === '') return;
    output.write(colored ? paint(style, text) : text);
    atStart = text.endsWith('\n');
    continuable = false;
  }

  function emitText(text: string, style: Style | undefined): void {
    // Only at the beginning of a line can `::` be a command.
    emit(atStart ? show(text) : show(`.${text}`).slice(1), style);
  }

  /** Writes what is held. */
  function release(): void {
    const { text, style } = held;
    held = { text: '' };
    emitText(text, style);
  }

  function write(text: string, style?: Style): void {
    if (style !== held.style) release();
    const whole = held.text + text;
    const partial = (PARTIAL.exec(whole) ?? (isTerminal ? null : PARTIAL_COMMAND.exec(whole)))?.[0] ?? '';
    emitText(whole.slice(0, whole.length - partial.length), style);
    held = { text: partial, style };
  }

  function endLine(): void {
    release();
    if (!atStart) emit('\n');
  }

  function put(spans: readonly Span[]): void {
    endLine();
    for (const { text, style } of spans) emit(text, style);
  }

  function oneLine(line: Line): Span[] {
    const spans = typeof line === 'string' ? [{ text: line }] : line;
    return spans.map(({ text, style }) => ({ text: visibleLine(text, show), style }));
  }

  const screen: Screen = {
    block(name) {
      if (open === name) return;
      endLine();
      if (open !== undefined) emit('\n');
      open = name;
    },
    write,
    line(line) {
      put(fitLine(oneLine(line), columns()));
      emit('\n');
    },
    longLine(line) {
      put(oneLine(line));
      emit('\n');
    },
    wrappedLine(line) {
      for (const row of wrapLine(oneLine(line), columns())) {
        put(row);
        emit('\n');
      }
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

// The marks of characters that cannot be seen, but for those of line ends that are where line ends belong.
const MARKS = /<U\+[0-9A-F]{4,6}>|[␊␍](?!\n|$)/g;

function paint(style: Style | undefined, text: string): string {
  const marked = text.replace(MARKS, '\u001b[7m$&\u001b[27m');
  if (style === undefined) return marked;
  const [on, off] = PAINTS[style];
  return `\u001b[${on}m${marked}\u001b[${off}m`;
}
