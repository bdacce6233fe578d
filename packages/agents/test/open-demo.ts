import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { strictEvent } from '@parleyhq/contract';
import { afterEach, beforeEach, expect } from 'vitest';

import type { AgentHandler, OpenAgentOptions } from '../src/agent.js';
import { demo } from '../src/catalog/presets.js';
import { message, open, recorder } from './open-fixture.js';

/** The settings and the message that the specification gives as examples. */
export const SEED = { model: 'claude-3-sonnet', oss: false, web_search: true, config_profile: 'default' };
export const SEED_PROMPT = '请帮我实现一个排序函数';

export const TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';

/** Lets the demo agent speak without pauses. */
export const env = { ...process.env, PARLEY_DEMO_PACE: '0' };

/** The folder of each test. */
export let cwd: string;

/** Gives each test of a file its folder. Each file calls it: files share this module, and hooks belong to one file. */
export function makeFolderInEachTest(): void {
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'parley-demo-'));
  });
  afterEach(() => rm(cwd, { recursive: true }));
}

/** Chooses the option of a kind. */
export const choose =
  (kind: string): AgentHandler['requestPermission'] =>
  async ({ options }) => {
    const option = options.find((offered) => offered.kind === kind);
    return option ? { outcome: 'selected', optionId: option.option_id } : { outcome: 'cancelled' };
  };

/** Opens the demo agent. */
export const openDemo = (handler: AgentHandler, options: Partial<OpenAgentOptions> = {}) =>
  open(demo, { cwd, env, settings: SEED, handler, ...options });

/** Runs one turn of the demo agent with a prompt. */
export async function play(
  prompt: string,
  answers: Partial<AgentHandler> = {},
  options: Partial<OpenAgentOptions> = {},
) {
  const { events, handler } = recorder(answers);
  await using agent = await openDemo(handler, options);
  const result = await agent.prompt(message(prompt, TURN));
  for (const event of events) expect(strictEvent(event)).toMatchObject({ ok: true });
  return { events, result };
}
