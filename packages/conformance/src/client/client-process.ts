import { spawn } from 'node:child_process';
import { type ClientLine, parseClientLine } from './client-line.js';

/** How a client ended. */
export interface ClientEnd {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** Whether it had to be killed, because it did not end in time. */
  readonly late: boolean;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
}

/** A client that runs. */
export interface ClientProcess {
  /** What it has printed so far. */
  readonly lines: readonly ClientLine[];
  /** The same, as it was printed. */
  readonly texts: readonly string[];
  /** The first line that is none of the protocol, and what was expected in its place. */
  readonly malformed: { readonly text: string; readonly expected: string } | undefined;
  readonly ended: Promise<ClientEnd>;
  /** Resolves with true once `isThere` holds of the lines, with false where it does not before the client ends. */
  until(isThere: (lines: readonly ClientLine[]) => boolean): Promise<boolean>;
}

/** Characters of standard error that are kept. */
const MOST = 2_000;

/** When a client is to be over. */
export interface ClientLimits {
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Starts the client's command in a shell. Where it has not ended in time it is killed, with everything that it has
 * started.
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
  let late = false;
  let over = false;
  const kill = () => {
    late = true;
    killGroup();
  };
  const timer = setTimeout(kill, timeout);
  signal.addEventListener('abort', kill, { once: true });

  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    // Not with readline, to which U+2028 inside of a text is the end of a line.
    const [first = '', ...more] = chunk.split('\n');
    const whole = [rest + first, ...more];
    rest = whole.pop() ?? '';
    for (const text of whole) take(text);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-MOST);
  });
  const ended = new Promise<ClientEnd>((resolve) => {
    child.on('error', (error) => finish(null, error.message));
    child.on('close', (exitCode) => finish(exitCode, stderr));

    function finish(exitCode: number | null, said: string): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
      killGroup();
      over = true;
      if (rest !== '') take(rest);
      wake();
      resolve({ exitCode, late, stderr: said });
    }
  });

  return {
    lines,
    texts,
    get malformed() {
      return malformed;
    },
    ended,
    until: (isThere) =>
      new Promise((resolve) => {
        const look = () => {
          if (!isThere(lines) && !over) return;
          watchers.delete(look);
          resolve(isThere(lines));
        };
        watchers.add(look);
        look();
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
    for (const look of [...watchers]) look();
  }

  /** The shell may have started several: what is left of them ends too. */
  function killGroup(): void {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (Object(error).code !== 'ESRCH') throw error;
    }
  }
}
