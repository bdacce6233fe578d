const margin = 9;

/** Output for people: a label in the margin, then lines or streamed text. Longer blocks are set off by blank lines. */
export interface Screen {
  /** Prints whole lines. Only the first one has the label. */
  lines(label: string, text: string): void;
  /** Prints a piece of a text. The next piece with the same label continues it. */
  stream(label: string, text: string): void;
  readonly style: Style;
}

/** Colours text on a terminal; leaves it unchanged elsewhere. */
export type Style = Record<'bold' | 'dim' | 'red' | 'green' | 'cyan', (text: string) => string>;

/** The output of a Screen, for example `process.stdout`. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Creates a Screen. It uses colours on a terminal, but not in a pipe or if NO_COLOR is set. */
export function createScreen(output: Output, env: NodeJS.ProcessEnv): Screen {
  const style = createStyle(Boolean(output.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb');
  let afterBlock = false;
  let streaming: string | undefined;
  // Line breaks at the end of the streamed text: they are printed only when something follows them.
  let held = '';

  function begin(label: string, isBlock: boolean): void {
    if (streaming !== undefined) output.write('\n');
    if (isBlock || afterBlock) output.write('\n');
    afterBlock = isBlock;
    output.write(style.cyan(label.padEnd(margin)));
  }

  return {
    style,

    lines(label, text) {
      begin(label, text.includes('\n'));
      streaming = undefined;
      output.write(`${indent(text)}\n`);
    },

    stream(label, piece) {
      if (streaming !== label) {
        begin(label, true);
        held = '';
      }
      streaming = label;
      const text = held + piece;
      held = /\n*$/.exec(text)?.[0] ?? '';
      output.write(indent(text.slice(0, text.length - held.length)));
    },
  };
}

function createStyle(enabled: boolean): Style {
  const mark = (code: number) => (text: string) => (enabled ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: mark(1), dim: mark(2), red: mark(31), green: mark(32), cyan: mark(36) };
}

function indent(text: string): string {
  return text.replace(/\n(?!\n)/g, `\n${' '.repeat(margin)}`);
}
