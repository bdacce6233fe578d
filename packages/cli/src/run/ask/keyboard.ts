import { createInterface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';

/**
 * The keys of a terminal in raw mode: it does not echo keys or buffer lines until `close`. A key that was pressed
 * before a question was shown never answers it.
 */
export interface Keyboard {
  /** Waits for one of these keys. Rejects with the signal's reason. */
  key(keys: readonly string[], signal: AbortSignal): Promise<string>;
  /** Reads a line that the user may edit; undefined when they press Escape. Rejects with the signal's reason. */
  line(prompt: string, signal: AbortSignal): Promise<string | undefined>;
  /** Ends raw mode. */
  close(): void;
}

/** The streams of the terminal, and the handler of Ctrl-C. */
export interface KeyboardOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly onInterrupt: () => void;
}

const CTRL_C = '\u0003';
const ESCAPE = '\u001b';
const CTRL_Z = '\u001a';

/** Puts a terminal into raw mode and reads its keys. */
export function createKeyboard({ input, output, onInterrupt }: KeyboardOptions): Keyboard {
  let onKey: ((key: string) => void) | undefined;
  let editing = false;

  function take(): void {
    input.setRawMode(true);
    input.resume();
  }

  function onData(data: Buffer | string): void {
    const text = data.toString();
    // The sequences of arrow keys and the like begin with the character of Escape.
    if (editing || (text.startsWith(ESCAPE) && text !== ESCAPE)) return;
    for (const key of text) {
      if (key === CTRL_C) onInterrupt();
      else if (key === CTRL_Z) suspend();
      else onKey?.(key);
    }
  }

  /** Stops the process until the shell continues it, for example with `fg`. Then the call returns. */
  function suspend(): void {
    input.setRawMode(false);
    process.kill(process.pid, 'SIGTSTP');
    take();
  }

  input.on('data', onData);
  process.on('SIGCONT', take);
  take();

  return {
    key(keys, signal) {
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          onKey = undefined;
          signal.removeEventListener('abort', abort);
          settle();
        };
        const abort = () => finish(() => reject(signal.reason));
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener('abort', abort);
        onKey = (key) => {
          if (keys.includes(key)) finish(() => resolve(key));
        };
      });
    },

    async line(prompt, signal) {
      signal.throwIfAborted();
      editing = true;
      const terminal = process.env.TERM !== 'dumb';
      const lines = createInterface({ input, output, terminal, prompt, historySize: 0, escapeCodeTimeout: 50 });
      try {
        return await new Promise<string | undefined>((resolve, reject) => {
          const onKeypress = (_: string | undefined, key: { name?: string } | undefined) => {
            if (key?.name === 'escape') resolve(undefined);
          };
          input.on('keypress', onKeypress);
          lines.on('line', resolve).on('SIGINT', onInterrupt);
          lines.on('close', () => {
            input.off('keypress', onKeypress);
            resolve(undefined);
          });
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          lines.prompt();
        });
      } finally {
        lines.close();
        editing = false;
        take();
      }
    },

    close() {
      input.off('data', onData);
      process.off('SIGCONT', take);
      input.setRawMode(false);
      input.pause();
    },
  };
}
