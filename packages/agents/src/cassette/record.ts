import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import type { Environment } from '../definition.js';
import { readObject, readText } from '../map/read.js';
import type { CassetteExit, Side } from './cassette.js';
import { createLineCollector } from './line-collector.js';
import { createScrubber } from './scrubber.js';
import { openTape } from './tape.js';

/** The options of a recording. */
export interface RecordOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The agent's name in the cassette. @default the file name of the command */
  readonly agent?: string;
  /** The file of the cassette, which must not exist yet, or an existing folder. */
  readonly output: string;
  readonly env: Environment;
  /** The streams of the agent's client. */
  readonly input: Readable;
  readonly outputStream: Writable;
  /** Prints a line for people. */
  readonly log: (line: string) => void;
}

/** A longer line is forwarded, but the cassette gets only its length. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** How long to wait for the rest of the output after the agent has ended: a process that it started may hold it open. */
const PIPE_GRACE_MS = 250;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Runs an agent, forwards its input and output byte for byte, and writes a cassette of both directions. What the client has
 * seen is in the cassette, except for the last word of an unfinished text (see `createScrubber`). If the cassette can no
 * longer be written, `log` is told and the agent goes on. Resolves with the agent's exit; rejects when the cassette or the
 * agent cannot be started.
 */
export async function record(options: RecordOptions): Promise<CassetteExit> {
  const recordedAt = Date.now();
  const begun = performance.now();
  const tape = openTape(options.output, options.agent ?? basename(options.command), recordedAt);
  let broken = false;
  const scrubber = createScrubber(options.env, (entry) => {
    if (broken) return;
    try {
      tape.write(entry);
    } catch (error) {
      broken = true;
      options.log(`the recording ends here, the agent goes on: ${String(error)}`);
    }
  });
  const now = () => Math.round(performance.now() - begun);
  const listen = (from: Side) =>
    createLineCollector(MAX_LINE_BYTES, {
      line(text) {
        const message = parse(text);
        if (from === 'client' && message) learnCwd(message);
        if (message) scrubber.take({ t: now(), from, message });
        else if (text.trim() !== '') scrubber.take({ t: now(), from, text });
      },
      skipped: (bytes) => scrubber.take({ t: now(), from, skipped_bytes: bytes }),
    });
  const learnCwd = ({ method, params }: { method?: unknown; params?: unknown }) => {
    const cwd = readText(readObject(params)?.cwd);
    if (readText(method)?.startsWith('session/') && cwd !== undefined) scrubber.learnCwd(cwd);
  };

  const child = spawn(options.command, options.args, { env: options.env, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child, 'spawn').catch((error) => {
    tape.remove();
    throw error;
  });
  options.log(`recording to ${tape.file}`);
  tee(options.input, child.stdin, listen('client'));
  tee(child.stdout, options.outputStream, listen('agent'));
  // A client that no longer reads has ended, and the agent serves only that client.
  options.outputStream.on('error', () => child.kill());
  child.stdin.on('error', () => undefined); // the agent has ended: its exit is handled below
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);

  const drained = once(child, 'close');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  await Promise.race([drained, delay(PIPE_GRACE_MS)]);
  for (const name of SIGNALS) process.off(name, pass);
  scrubber.take({ t: now(), exit: { code, signal } });
  scrubber.flush();
  tape.close();
  return { code, signal };
}

/** Forwards bytes. The collector gets them first, so that everything the other side has seen is recorded. */
function tee(source: Readable, target: Writable, collector: ReturnType<typeof createLineCollector>): void {
  source.on('data', (chunk: Buffer) => collector.push(chunk));
  source.once('end', () => collector.end());
  source.pipe(target);
}

function parse(line: string) {
  try {
    return readObject(JSON.parse(line));
  } catch {
    return undefined; // kept as a text
  }
}
