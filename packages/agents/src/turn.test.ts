import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';
import { itInAll } from '../../../scripts/test-forms.js';
import { temporaryFolder } from '../test/cassettes.js';
import { fixture, message, open, recorder, said } from '../test/open-fixture.js';
import type { AgentHandler } from './agent.js';

describe('a turn', () => {
  test('resolves after all its events were handed over, and keeps their order', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('answer-with-updates'), { handler });
    const result = await agent.prompt(message('go'));
    expect(result).toEqual({ stopReason: 'end_turn', status: 'completed', cause: 'end_turn' });
    expect(said(events)).toBe(Array.from({ length: 500 }, (_, n) => `${n} `).join(''));
    expect(events.at(0)?.type).toBe('item_started');
    const completed = events.at(501);
    expect(completed?.type === 'item_completed' && completed.item.content).toEqual([
      { type: 'text', text: said(events) },
    ]);
  });

  test('of an agent that is closed ends after all that it had said', async () => {
    const written = join(await temporaryFolder(), 'written');
    const { events, handler } = recorder();
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow: AgentHandler = { ...handler, events: (batch) => gate.then(() => handler.events(batch)) };
    const agent = await open(fixture('half-a-turn', written), {
      handler: slow,
      limits: { lineBytes: 10_000, queueItems: 1, queueBytes: 1 },
    });
    const turn = agent.prompt(message('go')).catch(String);
    while (!existsSync(written)) await nextTurnOfTheLoop();
    const closed = agent.close();
    await agent.exited;
    goOn();
    await turn;
    expect(said(events)).toBe(Array.from({ length: 600 }, (_, n) => `${n} `).join(''));
    await closed;
  });

  test('hands over nothing more while the handler is busy', async () => {
    let busy = 0;
    let most = 0;
    const { handler } = recorder({
      async events() {
        busy += 1;
        most = Math.max(most, busy);
        await new Promise((resolve) => setImmediate(resolve));
        busy -= 1;
      },
    });
    await using agent = await open(fixture('answer-with-updates'), { handler });
    await agent.prompt(message('go'));
    expect(most).toBe(1);
  });

  itInAll('carries the usage that some agents add to their answer', async () => {
    await using agent = await open(fixture('usage'));
    expect((await agent.prompt(message('go'))).usage).toEqual({ input_tokens: 5, output_tokens: 7, total_tokens: 12 });
  });

  test('carries that of the turn alone, from an agent whose count grows', async () => {
    await using agent = await open(fixture('usage'));
    await agent.prompt(message('go'));
    const { usage } = await agent.prompt(message('go on', 'turn-2'));
    expect(usage).toEqual({ input_tokens: 0, output_tokens: 0, total_tokens: 0 });
  });

  test.each([
    ['usage-in-chunks', { input_tokens: 7, output_tokens: 2, total_tokens: 9 }],
    ['quota', { input_tokens: 8, output_tokens: 2 }],
  ])('carries the usage that some agents tell beside ACP: %s', async (behaviour, usage) => {
    const { events, handler } = recorder();
    await using agent = await open(fixture(behaviour), { handler });
    expect((await agent.prompt(message('go'))).usage).toEqual(usage);
    expect((await agent.prompt(message('go on', 'turn-2'))).usage).toEqual(usage);
    expect(events.filter(({ type }) => type !== 'notice')).toEqual([]);
  });

  test('in which nothing came says so, with what the agent wrote to stderr, without secrets', async () => {
    const { events, handler } = recorder();
    const secret = 'key-0123456789-0123456789';
    await using agent = await open(fixture('empty', secret), { handler, secrets: [secret] });
    expect((await agent.prompt(message('go'))).status).toBe('completed');
    await agent.prompt(message('go on', 'turn-2'));
    const told = events.filter((event) => event.type === 'notice');
    expect(told).toMatchObject([
      { level: 'warning', code: 'empty_turn', turn_id: 'turn-1' },
      { level: 'warning', code: 'empty_turn', turn_id: 'turn-2' },
    ]);
    for (const { message } of told) expect(message).toMatch(/^[^:]*: turn \d: the key \[redacted\] is refused$/);
  });

  test.each(['plain', 'only-a-mode'])('in which something came does not say so: %s', async (behaviour) => {
    const { events, handler } = recorder();
    await using agent = await open(fixture(behaviour), { handler });
    await agent.prompt(message('go'));
    expect(events.filter(({ type }) => type === 'notice')).toEqual([]);
  });

  test('is cancelled by cancel', async () => {
    const { handler } = recorder();
    const started = new Promise<void>((resolve) => {
      handler.events = () => resolve();
    });
    await using agent = await open(fixture('hang'), { handler });
    const turn = agent.prompt(message('go'));
    await started;
    await agent.cancel();
    expect(await turn).toEqual({ stopReason: 'cancelled', status: 'interrupted', cause: 'cancelled_by_agent' });
  });

  itInAll('cancelled before the agent heard of it never begins', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('plain'), { handler });
    const turn = agent.prompt(message('go'));
    await agent.cancel();
    expect((await turn).status).toBe('interrupted');
    expect(events).toEqual([]);
  });

  itInAll('has the agent to itself', async () => {
    await using agent = await open(fixture('hang'));
    const turn = agent.prompt(message('go'));
    await expect(agent.prompt(message('too', 'turn-2'))).rejects.toThrow('one turn at a time');
    await agent.cancel();
    await turn;
  });

  itInAll('without one, cancel does nothing', async () => {
    await using agent = await open(fixture('plain'));
    await agent.cancel();
    expect((await agent.prompt(message('go'))).status).toBe('completed');
  });

  itInAll('rejects when the handler refuses events, and the agent is ended', async () => {
    const { handler } = recorder({ events: () => Promise.reject(new Error('the log is full')) });
    await using agent = await open(fixture('plain'), { handler });
    const failure = await agent.prompt(message('go')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AgentError', cause: new Error('the log is full') });
    await agent.exited;
  });
});
