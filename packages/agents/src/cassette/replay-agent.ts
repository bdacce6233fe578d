import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

import type { AgentDefinition } from '../definition.js';
import { parseCassette } from './parse-cassette.js';

/** An agent that repeats what the agent of a cassette did. `file` is an absolute path. */
export function replayAgent(name: string, file: string): AgentDefinition {
  return {
    name,
    title: `Replay of ${basename(file)}`,
    command: process.execPath,
    args: [createRequire(import.meta.url).resolve('#replay'), file],
    env: {},
    passEnv: ['PARLEY_REPLAY_*'],
    asks: 'unknown',
    supports: { model: true, oss: true, web_search: true, config_profile: true, approval_policy: true },
    notes: ['A recording, not a model: it takes every setting, and none changes what it says.'],
    launch: () => ({}),
    async problem() {
      try {
        parseCassette(await readFile(file, 'utf8'), file);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}
