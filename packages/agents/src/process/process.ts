import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { AgentError, type AgentExit } from '../agent-error.js';
import { endAgent } from './end-agent.js';
import { MARK } from './list-processes.js';
import { recordAgent } from './registry.js';
import { signalGroup } from './signal-group.js';

/** The options of an agent's process. */
export interface AgentProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment, except for the mark that identifies the processes of this agent. */
  readonly env: Readonly<Record<string, string>>;
  /** Between SIGTERM and SIGKILL, in milliseconds. */
  readonly closeGraceMs: number;
  readonly registryDir?: string;
  /** Removes secrets from the end of stderr. @default it is kept as it is */
  readonly clean?: (text: string) => string;
}

/** A running agent, as streams of bytes. */
export interface AgentProcess {
  readonly pid?: number;
  /** The agent's stdout. The agent is paused while nobody reads it. */
  readonly output: Readable;
  readonly input: Writable;
  readonly exited: Promise<AgentExit>;
  /** The end of stderr so far; with `from`, an earlier `stderrSize`, only of what was written since. */
  stderrTail(from?: number): string;
  /** How many bytes of stderr were read so far. */
  stderrSize(): number;
  /** Ends the agent and all that it started; resolves when that is gone. */
  close(): Promise<void>;
}

const STDERR_TAIL_BYTES = 8 * 1024;

/** How long to wait for the rest of the output after the process has ended. */
const PIPE_GRACE_MS = 250;

/**
 * Starts an agent's process without a shell, as the leader of a process group of its own and with a mark, so that whatever it
 * starts ends with it. Rejects with `AgentError` (kind `start`) when the command cannot be run.
 */
export async function startProcess(options: AgentProcessOptions): Promise<AgentProcess> {
  const mark = randomUUID();
  const { registryDir, command } = options;
  const entry = registryDir === undefined ? undefined : await recordAgent(registryDir, { mark, command });
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...options.env, [MARK]: mark },
    detached: true, // its own group
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let closing: ReturnType<typeof endAgent> | undefined;
  const tail = keepTail(child.stderr, options.clean);
  const outputEnded = closeOf(child.stdout);
  const exited = new Promise<AgentExit>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      // What it started must not outlive it, nor keep its pipes open.
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      resolve({ exitCode, signal, stderrTail: '' });
    });
    child.once('error', () => child.pid === undefined && resolve({ exitCode: null, signal: null, stderrTail: '' }));
  });
  const drained = exited.then(async (exit) => {
    // The pipes may hold data that was not read yet. A process that left the agent's group may keep them open for ever.
    await Promise.race([Promise.all([tail.ended, outputEnded]), delay(PIPE_GRACE_MS)]);
    void releaseOutput(child.stdout);
    return { ...exit, stderrTail: tail.text() };
  });
  child.stdin.on('error', ignore); // a write to an agent that has ended: `exited` tells about it

  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => void explain(error, options).then(reject));
    });
  } catch (error) {
    await entry?.forget();
    throw error;
  }
  const pid = child.pid as number; // set, since `spawn` was emitted
  const recorded = entry?.started(pid);
  const gone = drained.then(async (exit) => {
    await recorded;
    // While the agent is closed, what it started has some time too.
    const { inUse } = await (closing ?? endAgent({ group: pid, mark }, 0));
    // Without this: forgets a daemon that it has left to another agent
    if (!inUse) await entry?.forget();
    return exit;
  });
  try {
    await recorded;
  } catch (error) {
    signalGroup(pid, 'SIGKILL');
    throw error;
  }

  return {
    pid,
    output: child.stdout,
    input: child.stdin,
    exited: gone,
    stderrTail: tail.text,
    stderrSize: tail.size,
    async close() {
      child.stdin.end();
      closing ??= endAgent({ group: pid, mark }, options.closeGraceMs);
      await closing;
      await gone;
    },
  };
}

/** For errors that are handled elsewhere. */
function ignore(): undefined {
  return undefined;
}

/** Keeps the last bytes of a stream while reading all of it, so that the writer never blocks. */
function keepTail(stream: Readable, clean = (text: string) => text) {
  let kept = Buffer.alloc(0);
  let isCut = false;
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    const all = Buffer.concat([kept, chunk]);
    isCut ||= all.length > 2 * STDERR_TAIL_BYTES;
    kept = all.subarray(-2 * STDERR_TAIL_BYTES);
  });
  stream.on('error', ignore); // `close` follows
  return {
    size: () => size,
    text(from = 0) {
      const since = Math.max(0, from - (size - kept.length));
      // A secret may begin before and end after: so it goes on with a whole line.
      const begin = since === 0 || kept[since - 1] === 0x0a ? since : kept.indexOf(0x0a, since) + 1 || kept.length;
      // The cut may have split a secret, and its rest would not be recognised. So the first word is dropped; twice as much
      // is kept for that.
      const cut = isCut ? kept.subarray(0, STDERR_TAIL_BYTES).findIndex((byte) => byte <= 0x20) : 0;
      const known = kept.subarray(Math.max(begin, cut === -1 ? STDERR_TAIL_BYTES : cut)).toString('utf8');
      return Buffer.from(clean(known)).subarray(-STDERR_TAIL_BYTES).toString('utf8');
    },
    ended: closeOf(stream),
  };
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()));
}

/** Closes the output of a process that has ended, once everything in it was read. */
async function releaseOutput(output: Readable): Promise<void> {
  while (!output.closed && output.readableLength > 0) await delay(PIPE_GRACE_MS);
  output.destroy();
}

async function explain(error: Error, options: AgentProcessOptions): Promise<AgentError> {
  const { code } = error as NodeJS.ErrnoException;
  const folder = await stat(options.cwd).catch(() => undefined);
  const why = !folder?.isDirectory()
    ? `its working directory ${options.cwd} does not exist`
    : code === 'ENOENT'
      ? 'no such command was found'
      : error.message;
  return new AgentError('start', `Could not run ${options.command}: ${why}`, { cause: error });
}
