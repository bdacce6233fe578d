import { readFileSync } from 'node:fs';

import { splitLines } from '../acp/lines.js';
import { readObject } from '../map/read.js';
import { parseCassette } from './parse-cassette.js';
import { createPlayer } from './player.js';
import type { ReplayOptions } from './replay-options.js';

const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Turns this process into the agent of a cassette, on its own input and output, until its client ends. Throws
 * `CassetteError`, or the system's error for the file, before anything is played; otherwise it never returns.
 */
export async function replayProcess(file: string, options: ReplayOptions): Promise<never> {
  const player = createPlayer({
    ...options,
    cassette: parseCassette(readFileSync(file, 'utf8'), file),
    env: process.env,
    write: (line) =>
      new Promise((resolve) => {
        if (process.stdout.write(`${line}\n`)) resolve();
        else process.stdout.once('drain', resolve);
      }),
    async exit({ code, signal }) {
      if (signal !== null) process.kill(process.pid, signal);
      else process.exit(code ?? 1);
      await new Promise(() => undefined); // nothing follows
    },
  });
  process.stdout.on('error', () => process.exit(0)); // the client has ended
  for await (const lines of splitLines(process.stdin, MAX_LINE_BYTES)) {
    for (const line of lines) {
      const message = parse(line);
      if (message) await player.receive(message);
    }
  }
  process.exit(0);
}

function parse(line: string) {
  try {
    return readObject(JSON.parse(line));
  } catch {
    return undefined; // not a message: ignored
  }
}
