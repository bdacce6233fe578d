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

/** What a recording is made of. */
export interface RecordOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** What the cassette calls the agent. @default the file name of the command */
  readonly agent?: string;
  /** The cassette's file, which must not exist, or a folder that does. */
  readonly output: string;
  readonly env: Environment;
  /** The agent's client. */
  readonly input: Readable;
  readonly outputStream: Writable;
  /** Says something to people. */
  readonly log: (line: string) => void;
}

/** A longer line is forwarded, and only measured on the tape. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** How long the output of an agent that is gone is waited for: what it started may hold it open for ever. */
const PIPE_GRACE_MS = 250;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Runs an agent behind this process's own input and output, byte for byte, and writes a cassette of both directions.
 * What the client has seen is on the tape, but for the last word of a text that goes on (see `createScrubber`). A tape that cannot be written on ends, with a word to `log`; the agent does
 * not. Resolves with the agent's end; rejects when the tape or the agent cannot be started.
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
  // A client that reads no more has gone, and an agent has nothing to live for without it.
  options.outputStream.on('error', () => child.kill());
  child.stdin.on('error', () => undefined); // a write to an agent that is gone: its exit tells it
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

/** Forwards bytes and shows them to a collector before: what the other side has seen was recorded. */
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
