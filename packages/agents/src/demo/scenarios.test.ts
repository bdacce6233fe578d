import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';

import { choose, cwd, env, makeFolderInEachTest, openDemo, play, TURN } from '../../test/open-demo.js';
import { message, open, recorder, said } from '../../test/open-fixture.js';
import { demo, demoInMemory } from '../catalog/presets.js';
import type { PermissionRequest } from '../requests.js';

makeFolderInEachTest();

describe('scenarios', () => {
  test('/plan updates its plan', async () => {
    const { events } = await play('/plan please');
    const plans = events.flatMap((event) =>
      event.type === 'plan_updated' ? [event.entries.map(({ status }) => status)] : [],
    );
    expect(plans.at(0)).toEqual(['in_progress', 'pending', 'pending']);
    expect(plans.at(-1)).toEqual(['completed', 'completed', 'completed']);
  });

  itInAll('/command runs one and streams its output', async () => {
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

  itInAll('a command that is always allowed is not asked about again in the session', async () => {
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

  itInAll('/wait ends when it is interrupted', async () => {
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

  itInAll('/flood sends ten thousand pieces, in order', async () => {
    const { events } = await play('/flood');
    expect(said(events)).toBe(Array.from({ length: 10_000 }, (_, n) => `${n + 1} `).join(''));
    expect(events.filter(({ type }) => type === 'item_delta')).toHaveLength(10_000);
  });

  itInAll('/long says a lot in many pieces', async () => {
    const { events } = await play('/long 你好');
    expect(events.filter(({ type }) => type === 'item_delta').length).toBeGreaterThan(100);
  });
});

test('more scenarios can be given in a folder of one’s own', async () => {
  await writeFile(join(cwd, 'hello.yaml'), 'description: Says hello.\nsteps:\n  - say: Hello from {model}.\n');
  const { events } = await play('/hello', {}, { env: { ...env, PARLEY_DEMO_SCENARIOS: cwd } });
  expect(said(events)).toBe('Hello from claude-3-sonnet.');
});

test('a command sees no more in memory than the agent would in a process of its own', async () => {
  process.env.PLANTED = 'a secret of the server';
  onTestFinished(() => void delete process.env.PLANTED);
  const print = "console.log(process.env.PLANTED ?? 'not seen')";
  await writeFile(
    join(cwd, 'look.yaml'),
    `description: Looks.\nsteps:\n  - run: [node, -e, ${JSON.stringify(print)}]\n`,
  );
  const { events, handler } = recorder();
  await using agent = await open(demoInMemory, { cwd, env: { ...env, PARLEY_DEMO_SCENARIOS: cwd }, handler });
  await agent.prompt(message('/look', TURN));
  expect(JSON.stringify(events)).toContain('not seen\\n');
});
