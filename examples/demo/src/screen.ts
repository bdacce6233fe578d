const margin = 9;

/** Text for people: a label in the margin, then lines, or text that streams. */
export interface Screen {
  /** Prints whole lines; only the first has the label. */
  lines(label: string, text: string): void;
  /** Prints a piece of a text that goes on with the next piece under the same label. */
  stream(label: string, text: string): void;
  readonly style: Style;
}

/** Marks up text on a terminal; leaves it alone elsewhere. */
export type Style = Record<'bold' | 'dim' | 'red' | 'green' | 'cyan', (text: string) => string>;

/** What a Screen prints on, such as `process.stdout`. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Prints on `output`: with colours on a terminal, without them in a pipe and where NO_COLOR is set. */
export function createScreen(output: Output, env: NodeJS.ProcessEnv): Screen {
  const style = createStyle(Boolean(output.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb');
  let streaming: string | undefined;

  function endStream(): void {
    if (streaming !== undefined) output.write('\n');
    streaming = undefined;
  }

  return {
    style,
    lines(label, text) {
      endStream();
      output.write(`${style.cyan(label.padEnd(margin))}${indent(text)}\n`);
    },
    stream(label, text) {
      if (streaming !== label) {
        endStream();
        output.write(style.cyan(label.padEnd(margin)));
      }
      streaming = label;
      output.write(indent(text));
    },
  };
}

function createStyle(enabled: boolean): Style {
  const mark = (code: number) => (text: string) => (enabled ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: mark(1), dim: mark(2), red: mark(31), green: mark(32), cyan: mark(36) };
}

function indent(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(margin)}`);
}
