import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { queryObjects } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';

import {
  choose,
  cwd,
  env,
  makeFolderInEachTest,
  openDemo,
  play,
  SEED,
  SEED_PROMPT,
  TURN,
} from '../../test/open-demo.js';
import { message, open, recorder, said } from '../../test/open-fixture.js';
import { demoInMemory } from '../catalog/presets.js';
import type { PermissionRequest } from '../requests.js';

makeFolderInEachTest();

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

itInAll('nothing of a turn that has ended is kept', async () => {
  const { handler } = recorder();
  await using agent = await open(demoInMemory, { cwd, env, handler });
  const turns = 100;
  await agent.prompt(message('/refuse'));
  const before = queryObjects(Promise, { format: 'count' });
  for (let turn = 0; turn < turns; turn += 1) await agent.prompt(message('/refuse'));
  expect(queryObjects(Promise, { format: 'count' }) - before, 'promises that are still reachable').toBeLessThan(turns);
});

describe('its settings', () => {
  test('are the model that was asked for, a mode and a switch', async () => {
    const { events, handler } = recorder();
    await using agent = await openDemo(handler, { settings: { model: 'any-model' } });
    expect(agent.info).toMatchObject({
      name: 'Demo agent',
      version: '0.1.0',
      capabilities: ['images', 'resume', 'steer', 'list_sessions', 'load_session', 'fork'],
    });
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

  test('refuse a value that is not offered, and name the setting', async () => {
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
