import { spawn } from 'node:child_process';
import { type ClientLine, parseClientLine } from './client-line.js';

/** How a client ended. */
export interface ClientEnd {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  /** Whether it was killed because it did not end in time. */
  readonly timedOut: boolean;
  /** The last part of what it wrote to standard error. */
  readonly stderr: string;
}

/** A running client. */
export interface ClientProcess {
  /** The lines that it has printed so far, parsed. */
  readonly lines: readonly ClientLine[];
  /** The same lines as text. */
  readonly texts: readonly string[];
  /** The first line that CLIENT.md does not describe, and what was expected instead. */
  readonly malformed: { readonly text: string; readonly expected: string } | undefined;
  readonly ended: Promise<ClientEnd>;
  /** Resolves with true as soon as `condition(lines)` holds, and with false if the client ends before. */
  until(condition: (lines: readonly ClientLine[]) => boolean): Promise<boolean>;
}

/** Characters of standard error that are kept. */
const MAX_STDERR = 2_000;

/** When a client has to have ended. */
export interface ClientLimits {
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Starts the client's command in a shell. If it does not end in time it is killed, together with every process that
 * it started.
 */
export function startClient(
  command: string,
  env: Readonly<Record<string, string>>,
  { timeout, signal }: ClientLimits,
): ClientProcess {
  const child = spawn(command, {
    shell: true,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const lines: ClientLine[] = [];
  const texts: string[] = [];
  const watchers = new Set<() => void>();
  let malformed: ClientProcess['malformed'];
  let stderr = '';
  let timedOut = false;
  let over = false;
  const killLate = () => {
    timedOut = true;
    killGroup();
  };
  const timer = setTimeout(killLate, timeout);
  signal.addEventListener('abort', killLate, { once: true });

  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    // Not with readline: it takes U+2028 inside a text for the end of a line.
    const [first = '', ...more] = chunk.split('\n');
    const whole = [rest + first, ...more];
    rest = whole.pop() ?? '';
    for (const text of whole) take(text);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-MAX_STDERR);
  });
  const ended = new Promise<ClientEnd>((resolve) => {
    child.on('error', (error) => finish(null, error.message));
    child.on('close', (exitCode) => finish(exitCode, stderr));

    function finish(exitCode: number | null, said: string): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', killLate);
      killGroup();
      over = true;
      if (rest !== '') take(rest);
      wake();
      resolve({ exitCode, timedOut, stderr: said });
    }
  });

  return {
    lines,
    texts,
    get malformed() {
      return malformed;
    },
    ended,
    until: (condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition(lines) && !over) return;
          watchers.delete(check);
          resolve(condition(lines));
        };
        watchers.add(check);
        check();
      }),
  };

  function take(text: string): void {
    texts.push(text);
    try {
      lines.push(parseClientLine(text));
    } catch (error) {
      malformed ??= { text, expected: error instanceof Error ? error.message : String(error) };
    }
    wake();
  }

  function wake(): void {
    for (const check of [...watchers]) check();
  }

  /** Ends every process of the group: the shell may have started several. */
  function killGroup(): void {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (Object(error).code !== 'ESRCH') throw error;
    }
  }
}
