import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { strictEvent } from '@parleyhq/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { message, open, recorder, said } from '../../test/open-fixture.js';
import type { AgentHandler, OpenAgentOptions } from '../agent.js';
import { demo, demoInMemory } from '../catalog/presets.js';
import type { PermissionRequest } from '../requests.js';

const SEED = { model: 'claude-3-sonnet', oss: false, web_search: true, config_profile: 'default' };
const SEED_PROMPT = '请帮我实现一个排序函数';
const TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';
const env = { ...process.env, PARLEY_DEMO_PACE: '0' };

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'parley-demo-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const choose =
  (kind: string): AgentHandler['requestPermission'] =>
  async ({ options }) => {
    const option = options.find((offered) => offered.kind === kind);
    return option ? { outcome: 'selected', optionId: option.option_id } : { outcome: 'cancelled' };
  };
const openDemo = (handler: AgentHandler, options: Partial<OpenAgentOptions> = {}) =>
  open(demo, { cwd, env, settings: SEED, handler, ...options });

/** Runs one turn of the demo agent with a prompt. */
async function play(prompt: string, answers: Partial<AgentHandler> = {}, options: Partial<OpenAgentOptions> = {}) {
  const { events, handler } = recorder(answers);
  await using agent = await openDemo(handler, options);
  const result = await agent.prompt(message(prompt, TURN));
  for (const event of events) expect(strictEvent(event)).toMatchObject({ ok: true });
  return { events, result };
}

describe('the default scenario, on any prompt', () => {
  test('thinks, answers in the language of the prompt, and writes the file only after consent', async () => {
    let asked: PermissionRequest | undefined;
    let before: unknown;
    const { events, result } = await play(SEED_PROMPT, {
      async requestPermission(request, signal) {
        asked = request;
        before = await readFile(join(cwd, 'sort.ts')).catch((error: NodeJS.ErrnoException) => error.code);
        return choose('allow_once')(request, signal);
      },
    });
    expect(result.status).toBe('completed');
    expect(before).toBe('ENOENT');
    const [edit] = asked?.edits ?? [];
    expect(edit).toMatchObject({ path: join(cwd, 'sort.ts'), oldText: null });
    expect(await readFile(join(cwd, 'sort.ts'), 'utf8')).toBe(edit?.newText);
    expect(said(events)).toMatch(/我来实现一个排序函数[\s\S]*已写入/);
    const kinds = events.flatMap((event) => (event.type === 'item_completed' ? event.item.type : []));
    expect(kinds).toEqual(['reasoning', 'agent_message', 'tool_call', 'agent_message']);
    expect(events.map(({ type }) => type)).toContain('usage_updated');
  });

  test('leaves everything as it was when the edit is rejected, and says so', async () => {
    await writeFile(join(cwd, 'sort.ts'), 'mine');
    const { events, result } = await play('Write a sort function', { requestPermission: choose('reject_once') });
    expect(result.status).toBe('completed');
    expect(said(events)).toContain('was not written');
    expect(await readFile(join(cwd, 'sort.ts'), 'utf8')).toBe('mine');
    const edit = events.find((event) => event.type === 'item_completed' && event.item.type === 'tool_call');
    expect(edit).toMatchObject({ item: { status: 'failed', content: [{ type: 'diff', old_text: 'mine' }] } });
  });

  test('writes a function that sorts', async () => {
    await play(SEED_PROMPT, { requestPermission: choose('allow_once') });
    const { transform } = await import('esbuild');
    const { code } = await transform(await readFile(join(cwd, 'sort.ts'), 'utf8'), { loader: 'ts' });
    await writeFile(join(cwd, 'sort.mjs'), code);
    const { sort } = (await import(/* @vite-ignore */ join(cwd, 'sort.mjs'))) as {
      sort: (values: number[]) => number[];
    };
    const values = [3, 1, 2, 3, 0];
    expect(sort(values)).toEqual([0, 1, 2, 3, 3]);
    expect(values).toEqual([3, 1, 2, 3, 0]);
  });

  test('runs in memory just the same', async () => {
    const { events, handler } = recorder({ requestPermission: choose('allow_once') });
    await using agent = await open(demoInMemory, { cwd, env, settings: SEED, handler });
    expect(agent.info.pid).toBeUndefined();
    expect((await agent.prompt(message(SEED_PROMPT))).status).toBe('completed');
    expect(said(events)).toContain('已写入');
    expect(await readFile(join(cwd, 'sort.ts'), 'utf8')).toContain('export function sort');
  });
});

describe('scenarios', () => {
  test('/plan updates its plan', async () => {
    const { events } = await play('/plan please');
    const plans = events.flatMap((event) =>
      event.type === 'plan_updated' ? [event.entries.map(({ status }) => status)] : [],
    );
    expect(plans.at(0)).toEqual(['in_progress', 'pending', 'pending']);
    expect(plans.at(-1)).toEqual(['completed', 'completed', 'completed']);
  });

  test('/command runs one and streams its output', async () => {
    const { events } = await play('/command');
    const output = events.find((event) => event.type === 'item_completed' && event.item.type === 'tool_call');
    expect(output).toMatchObject({
      item: {
        kind: 'execute',
        status: 'completed',
        content: [
          {
            type: 'command_output',
            text: expect.stringMatching(/^line 1 of 3.*\nline 2.*\nline 3.*\n$/),
            exit_code: 0,
          },
        ],
      },
    });
    expect(events.some((event) => event.type === 'item_delta' && event.delta.type !== 'text')).toBe(true);
  });

  test('/approve runs its command only with consent', async () => {
    const { events } = await play('/approve', { requestPermission: choose('reject_once') });
    expect(said(events)).toContain('it was not run');
    const allowed = await play('/approve', { requestPermission: choose('allow_once') });
    expect(JSON.stringify(allowed.events)).toContain('approved\\n');
  });

  test('/edits asks for both files at once', async () => {
    const asked: PermissionRequest[] = [];
    let both: () => void = () => undefined;
    const complete = new Promise<void>((resolve) => {
      both = resolve;
    });
    const { events } = await play('/edits', {
      async requestPermission(request, signal) {
        asked.push(request);
        if (asked.length === 2) both();
        await complete; // neither is answered before both were asked
        return choose('allow_once')(request, signal);
      },
    });
    expect(said(events)).toContain('Both files are written');
    expect(await readFile(join(cwd, 'src/index.ts'), 'utf8')).toBe("export { greet } from './greet.js';\n");
  });

  test('what is allowed always is not asked again in the session', async () => {
    let asked = 0;
    const { handler } = recorder({
      requestPermission: (request, signal) => {
        asked += 1;
        return choose('allow_always')(request, signal);
      },
    });
    await using agent = await openDemo(handler);
    await agent.prompt(message('/approve', TURN));
    expect(agent.info.modes?.current).toBe('auto');
    await agent.prompt(message('/edits', TURN));
    expect(asked).toBe(1);
  });

  test('/ask asks the user and uses the answer', async () => {
    const { events } = await play('/ask', {
      requestElicitation: async () => ({ action: 'accept', content: { language: 'Rust' } }),
    });
    expect(said(events)).toContain('Rust it is.');
    expect(said((await play('/ask')).events)).toContain('Then I decide');
  });

  test('/fail fails the turn, and the session takes the next', async () => {
    const { handler } = recorder();
    await using agent = await openDemo(handler);
    await expect(agent.prompt(message('/fail', TURN))).rejects.toMatchObject({
      kind: 'turn',
      message: 'Demo agent: Internal error: A failure for show: the model did not answer',
    });
    expect((await agent.prompt(message('/refuse', TURN))).status).toBe('refused');
    expect((await agent.prompt(message('/limit', TURN))).status).toBe('limit_reached');
  });

  test.each([
    ['a process', demo],
    ['memory', demoInMemory],
  ])('/crash ends the agent in %s', async (_where, definition) => {
    const { events, handler } = recorder();
    await using agent = await open(definition, { cwd, env, handler });
    await expect(agent.prompt(message('/crash', TURN))).rejects.toMatchObject({ kind: 'exit', exitCode: 3 });
    expect(said(events)).toContain('about to crash');
    expect((await agent.exited).exitCode).toBe(3);
  });

  test('/wait ends when it is interrupted', async () => {
    let heard: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const { events, handler } = recorder({
      events(batch) {
        events.push(...batch);
        if (said(events).includes('interrupted.')) heard();
      },
    });
    await using agent = await openDemo(handler);
    const turn = agent.prompt(message('/wait', TURN));
    await waiting;
    await agent.cancel();
    expect((await turn).status).toBe('interrupted');
  });

  test('/flood sends ten thousand pieces, in order', async () => {
    const { events } = await play('/flood');
    expect(said(events)).toBe(Array.from({ length: 10_000 }, (_, n) => `${n + 1} `).join(''));
    expect(events.filter(({ type }) => type === 'item_delta')).toHaveLength(10_000);
  });

  test('/long says a lot in many pieces', async () => {
    const { events } = await play('/long 你好');
    expect(events.filter(({ type }) => type === 'item_delta').length).toBeGreaterThan(100);
  });
});

describe('its settings', () => {
  test('are the model that was asked for, a mode and a switch', async () => {
    const { events, handler } = recorder();
    await using agent = await openDemo(handler, { settings: { model: 'any-model' } });
    expect(agent.info).toMatchObject({ name: 'Demo agent', version: '0.1.0', canResume: true, acceptsImages: true });
    expect(agent.info.configOptions[0]).toMatchObject({ config_id: 'model', value: 'any-model' });
    await agent.configure('model', 'claude-3-sonnet');
    await agent.configure('brief', true);
    await agent.configure('mode', 'auto');
    expect(agent.info.configOptions.map(({ value }) => value)).toEqual(['claude-3-sonnet', true]);
    expect(agent.info.modes?.current).toBe('auto');
    expect(events.filter(({ type }) => type === 'session_updated').length).toBeGreaterThanOrEqual(3);
    await agent.prompt(message(SEED_PROMPT, TURN)); // nobody is asked
    expect(await readFile(join(cwd, 'sort.ts'), 'utf8')).toContain('export function sort');
  });

  test('refuse what is not offered, by name', async () => {
    await using agent = await openDemo(recorder().handler);
    await expect(agent.configure('model', 'gpt-9')).rejects.toMatchObject({ setting: 'model' });
    await expect(agent.configure('brief', 'yes')).rejects.toThrow('Expected true or false for Brief, got "yes"');
    await expect(agent.configure('mode', 'yolo')).rejects.toThrow(
      "Expected one of the agent's modes (ask, auto), got yolo",
    );
    await expect(agent.configure('colour', 'red')).rejects.toThrow('The agent offers no colour');
  });

  test('an old conversation is taken up again', async () => {
    await using agent = await openDemo(recorder().handler, { resume: '550e8400-e29b-41d4-a716-446655440000' });
    expect(agent.info).toMatchObject({ acpSessionId: '550e8400-e29b-41d4-a716-446655440000', resumed: true });
  });
});

test('more scenarios can be given in a folder of one’s own', async () => {
  await writeFile(join(cwd, 'hello.yaml'), 'description: Says hello.\nsteps:\n  - say: Hello from {model}.\n');
  const { events } = await play('/hello', {}, { env: { ...env, PARLEY_DEMO_SCENARIOS: cwd } });
  expect(said(events)).toBe('Hello from claude-3-sonnet.');
});
