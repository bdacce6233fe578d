#!/usr/bin/env node
// `replay-main.js FILE`: an agent that says what the one of a cassette said.
import { readFileSync } from 'node:fs';

import { splitLines } from '../acp/lines.js';
import { readObject } from '../map/read.js';
import { type Cassette, parseCassette } from './parse-cassette.js';
import { createPlayer } from './player.js';
import { readReplayOptions } from './replay-options.js';

const MAX_LINE_BYTES = 64 * 1024 * 1024;
const file = process.argv[2] ?? '';

function end(problem: string): never {
  process.stderr.write(`parley replay: ${problem}\n`);
  process.exit(1);
}

function load(): Cassette {
  try {
    return parseCassette(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return end(error instanceof Error ? error.message : String(error));
  }
}

const player = createPlayer({
  ...readReplayOptions(process.env, end),
  cassette: load(),
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
process.stdout.on('error', () => process.exit(0)); // without its client it has nothing to live for
for await (const lines of splitLines(process.stdin, MAX_LINE_BYTES)) {
  for (const line of lines) {
    const message = readObject(JSON.parse(line));
    if (message) await player.receive(message);
  }
}
process.exit(0);
