#!/usr/bin/env node
// `replay-main.js FILE`: a server starts this as the agent of a cassette.
import { readReplayOptions } from './replay-options.js';
import { replayProcess } from './replay-process.js';

try {
  await replayProcess(process.argv[2] ?? '', readReplayOptions(process.env));
} catch (error) {
  process.stderr.write(`parley replay: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
