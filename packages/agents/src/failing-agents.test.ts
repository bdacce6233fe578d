import { describe, expect, test } from 'vitest';
import { shareOf } from '../../../scripts/test-forms.js';

import { fixture, message, open, recorder, said } from '../test/open-fixture.js';

describe('a turn', () => {
  test('that the agent fails rejects with its reason, completes what is open, and the next one works', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('fail-turn'), { handler });
    const failure = await agent.prompt(message('go')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AgentError', kind: 'turn' });
    expect(String(failure)).toContain('the model is away');
    expect(events.map(({ type }) => type)).toEqual(['item_started', 'item_delta', 'item_completed']);
    await expect(agent.prompt(message('again', 'turn-2'))).rejects.toMatchObject({ kind: 'turn' });
  });

  test('of an agent that exits rejects with exit code and the end of stderr', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('exit-in-turn'), { handler });
    const failure = await agent.prompt(message('go')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'exit', exitCode: 7, stderrTail: 'something broke\n' });
    expect(said(events)).toBe('last words');
    expect(events.at(-1)?.type).toBe('item_completed');
    expect(await agent.exited).toMatchObject({ exitCode: 7, signal: null });
  });

  test('of an agent that is killed rejects with the signal, and so does the next', async () => {
    await using agent = await open(fixture('kill-itself'));
    const killed = { kind: 'exit', exitCode: null, signal: 'SIGKILL', message: 'Fixture was ended by SIGKILL' };
    await expect(agent.prompt(message('go'))).rejects.toMatchObject(killed);
    expect(await agent.exited).toMatchObject({ signal: 'SIGKILL' });
    await expect(agent.prompt(message('again', 'turn-2'))).rejects.toMatchObject(killed);
  });

  test('after the agent died in between rejects with the facts of its death', async () => {
    await using agent = await open(fixture('plain'));
    await agent.prompt(message('go'));
    process.kill(agent.info.pid ?? Number.NaN, 'SIGKILL');
    await agent.exited;
    await expect(agent.prompt(message('again', 'turn-2'))).rejects.toMatchObject({ kind: 'exit', signal: 'SIGKILL' });
  });

  test('of an agent that closes its output but stays alive ends with the process', async () => {
    await using agent = await open(fixture('close-stdout'));
    await expect(agent.prompt(message('go'))).rejects.toMatchObject({ kind: 'exit' });
    expect((await agent.exited).signal).toBe('SIGTERM');
  });
});

describe('what an agent should not send', () => {
  test('lines that are not JSON are ignored, and the user is told how many', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('garbage'), { handler });
    await agent.prompt(message('go'));
    expect(said(events)).toBe('hello');
    expect(agent.info.garbageLines).toBe(3);
    expect(events.filter(({ type }) => type === 'notice')).toEqual([
      {
        type: 'notice',
        turn_id: 'turn-1',
        level: 'warning',
        code: 'agent_output_ignored',
        message: 'The agent printed 3 lines that are no JSON.',
      },
    ]);
  });

  test('unknown and malformed updates become one notice for each kind', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('malformed'), { handler });
    await agent.prompt(message('go'));
    expect(said(events)).toBe('hello');
    const notices = events.flatMap((event) => (event.type === 'notice' ? event.code : []));
    expect(notices).toEqual(['agent_update_ignored', 'agent_update_invalid']);
  });

  test('updates of another conversation are passed over', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('other-session'), { handler });
    await agent.prompt(message('go'));
    expect(said(events)).toBe('ours');
  });

  test.each(shareOf(['endless', 'ended'], 2))('a line of 100 MB, %s, ends the agent', async (line) => {
    await using agent = await open(fixture('long-line', line));
    await expect(agent.prompt(message('go'))).rejects.toMatchObject({
      kind: 'protocol',
      message: 'Fixture broke the protocol: the agent sent a line longer than 16777216 bytes',
    });
    await agent.exited;
  });

  test('a line is as long as the server says', async () => {
    const limits = { lineBytes: 10_000, queueItems: 1, queueBytes: 1 };
    await using agent = await open(fixture('long-line', 'endless'), { limits });
    await expect(agent.prompt(message('go'))).rejects.toMatchObject({
      message: expect.stringContaining('than 10000 bytes'),
    });
  });

  test('bytes that are not text are ignored, also before the answer to initialize', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('binary'), { handler });
    await agent.prompt(message('go'));
    expect(said(events)).toBe('hello');
    expect(agent.info.garbageLines).toBe(2);
  });
});
