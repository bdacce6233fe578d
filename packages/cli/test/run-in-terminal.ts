import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';
import { BIN, environmentWith } from './run-parley.js';

/** How to run the command in a terminal. */
export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  readonly columns?: number;
}

/** The command, running in a pseudo-terminal. */
export interface Terminal {
  readonly pid: number;
  /** Waits until the terminal shows the pattern after the place of the last match. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  press(keys: string): void;
  /** Closes the terminal: the command gets SIGHUP. */
  hangUp(): void;
  /** The exit code and the output: `shown` without colours and carriage returns, `raw` unchanged. */
  readonly ended: Promise<{ readonly code: number; readonly shown: string; readonly raw: string }>;
}

/** Runs the command in a pseudo-terminal, in which it cannot tell a test from a person. */
export function runInTerminal(args: readonly string[], options: TerminalOptions): Terminal {
  const environment = environmentWith({ TERM: 'xterm-256color', PARLEY_DEMO_PACE: '1', ...options.env });
  // These variables are meant for the output of the tests, not for this terminal.
  const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...others } = environment;
  const env = options.env?.NO_COLOR === undefined ? others : { ...others, NO_COLOR: options.env.NO_COLOR };
  const terminal = spawn(process.execPath, [BIN, ...args], {
    ...{ cwd: options.cwd, env, name: 'xterm-256color', cols: options.columns ?? 100, rows: 40 },
  });
  let raw = '';
  let over = false;
  let position = 0;
  const waiting = new Set<() => void>();
  const shown = () => stripVTControlCharacters(raw).replaceAll('\r', '');
  terminal.onData((data) => {
    raw += data;
    for (const look of waiting) look();
  });
  const ended = new Promise<{ code: number; shown: string; raw: string }>((resolve) =>
    terminal.onExit(({ exitCode, signal }) => {
      over = true;
      for (const look of waiting) look();
      resolve({ code: signal ? 128 + signal : exitCode, shown: shown(), raw });
    }),
  );
  onTestFinished(() => {
    if (!over) terminal.kill('SIGKILL');
  });
  return {
    pid: terminal.pid,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const text = shown();
          const found = pattern.exec(text.slice(position));
          if (found) {
            position += found.index + found[0].length;
            waiting.delete(look);
            resolve(found);
          } else if (over) reject(new Error(`ended before it said ${pattern}: ${text}`));
        };
        waiting.add(look);
        look();
      }),
    press: (keys) => terminal.write(keys),
    hangUp: () => terminal.kill('SIGHUP'),
    ended,
  };
}
