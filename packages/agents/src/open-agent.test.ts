import { describe, expect, test } from 'vitest';

import { fixture, message, open, recorder, said } from '../test/open-fixture.js';
import type { PermissionOutcome, PermissionRequest } from './requests.js';

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

  test('carries the usage that some agents add to their answer', async () => {
    await using agent = await open(fixture('usage'));
    expect((await agent.prompt(message('go'))).usage).toEqual({ input_tokens: 5, output_tokens: 7, total_tokens: 12 });
  });

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

  test('of an agent that closes its output but stays alive ends with the process', async () => {
    await using agent = await open(fixture('close-stdout'));
    await expect(agent.prompt(message('go'))).rejects.toMatchObject({ kind: 'exit' });
    expect((await agent.exited).signal).toBe('SIGTERM');
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

  test('cancelled before the agent heard of it never begins', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('plain'), { handler });
    const turn = agent.prompt(message('go'));
    await agent.cancel();
    expect((await turn).status).toBe('interrupted');
    expect(events).toEqual([]);
  });

  test('has the agent to itself', async () => {
    await using agent = await open(fixture('hang'));
    const turn = agent.prompt(message('go'));
    await expect(agent.prompt(message('too', 'turn-2'))).rejects.toThrow('one turn at a time');
    await agent.cancel();
    await turn;
  });

  test('without one, cancel does nothing', async () => {
    await using agent = await open(fixture('plain'));
    await agent.cancel();
    expect((await agent.prompt(message('go'))).status).toBe('completed');
  });

  test('rejects when the handler refuses events, and the agent is ended', async () => {
    const { handler } = recorder({ events: () => Promise.reject(new Error('the log is full')) });
    await using agent = await open(fixture('plain'), { handler });
    const failure = await agent.prompt(message('go')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AgentError', cause: new Error('the log is full') });
    await agent.exited;
  });
});

describe('a request for permission', () => {
  const ask = async (behaviour: string, answer: (request: PermissionRequest) => Promise<PermissionOutcome>) => {
    const order: string[] = [];
    const { events, handler } = recorder({
      requestPermission: (request) => {
        order.push(`permission after ${said(events)}`);
        return answer(request);
      },
    });
    await using agent = await open(fixture(behaviour), { handler });
    const result = await agent.prompt(message('go'));
    return { order, events, result };
  };

  test('comes behind the updates before it and carries the tool call with its diff', async () => {
    let asked: PermissionRequest | undefined;
    const { order, events } = await ask('permission-between-updates', async (request) => {
      asked = request;
      return { outcome: 'selected', optionId: 'yes' };
    });
    expect(order).toEqual(['permission after before']);
    expect(asked?.options).toEqual([
      { option_id: 'yes', name: 'Yes', kind: 'allow_once' },
      { option_id: 'no', name: 'No', kind: 'reject_once' },
    ]);
    expect(asked?.edits).toEqual([{ path: '/w/a.ts', oldText: 'a', newText: 'b' }]);
    expect(asked?.toolCall).toMatchObject({ type: 'tool_call', tool_call_id: 'call', status: 'pending' });
    expect(events.find(({ type }) => type === 'item_started')).toBeDefined();
    expect(said(events)).toContain('answered {"outcome":{"outcome":"selected","optionId":"yes"}}');
  });

  test('is withdrawn when the turn ends without its answer', async () => {
    let withdrawn: Promise<unknown> | undefined;
    const { handler } = recorder({
      requestPermission: (_request, signal) => {
        withdrawn = new Promise((resolve) => signal.addEventListener('abort', resolve));
        return new Promise(() => undefined);
      },
    });
    await using agent = await open(fixture('permission-then-end'), { handler });
    expect((await agent.prompt(message('go'))).status).toBe('completed');
    await withdrawn;
  });

  test('is answered cancelled when the turn is cancelled', async () => {
    let asked: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { events, handler } = recorder({
      requestPermission: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    await using agent = await open(fixture('permission-and-wait'), { handler });
    const turn = agent.prompt(message('go'));
    await waiting;
    await agent.cancel();
    expect((await turn).status).toBe('interrupted');
    expect(events.find((event) => event.type === 'item_completed' && event.item.type === 'tool_call')).toMatchObject({
      item: { status: 'failed' },
    });
  });

  test('beyond 256 that wait is answered cancelled, and the user is told once', async () => {
    let asked = 0;
    const { events, handler } = recorder({
      requestPermission: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    });
    await using agent = await open(fixture('ask-300-times'), { handler });
    await agent.prompt(message('go'));
    expect(asked).toBe(256);
    expect(said(events)).toMatch(/^answered {"outcome":{"outcome":"cancelled"}}/);
    expect(events.filter((event) => event.type === 'notice')).toMatchObject([{ code: 'too_many_questions' }]);
  });

  test('whose handler fails is answered all the same', async () => {
    const { events } = await ask('permission-between-updates', () => Promise.reject(new Error('no answer')));
    expect(said(events)).toContain('answered {"outcome":{"outcome":"cancelled"}}');
  });
});

test('a question to the user is mapped and its answer goes back', async () => {
  const { events, handler } = recorder({
    requestElicitation: async (request) => {
      expect(request).toEqual({
        turnId: 'turn-1',
        mode: 'form',
        message: 'Which?',
        requestedSchema: { type: 'object', properties: { x: { type: 'string' } } },
      });
      return { action: 'accept', content: { x: 'this' } };
    },
  });
  await using agent = await open(fixture('elicitation'), { handler });
  await agent.prompt(message('go'));
  expect(said(events)).toContain('answered {"action":"accept","content":{"x":"this"}}');
});

describe('what an agent should not send', () => {
  test('lines that are no JSON are passed over, and the user is told how many', async () => {
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

  test('a line without an end ends the agent', async () => {
    await using agent = await open(fixture('long-line'));
    const failure = await agent.prompt(message('go')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'protocol' });
    expect(String(failure)).toContain('a line longer than 16777216 bytes');
  });
});

describe('a start', () => {
  test('that fails says why, with the end of stderr', async () => {
    const failure = await open(fixture('exit-at-once')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'start', exitCode: 4, stderrTail: 'no licence found\n' });
    expect(String(failure)).toContain('Fixture ended with exit code 4');
  });

  test('of a command that is not there names it', async () => {
    const definition = { ...fixture(), command: 'no-such-agent' };
    await expect(open(definition)).rejects.toThrow('Could not run no-such-agent: no such command was found');
  });

  test('in a directory that is not there names that', async () => {
    await expect(open(fixture(), { cwd: '/no/such/folder' })).rejects.toThrow('/no/such/folder is not there');
  });

  test('that takes too long is given up', async () => {
    const start = open(fixture('hang-at-start'), { startTimeoutMs: 300 });
    await expect(start).rejects.toThrow('Fixture did not start within 300 ms');
  });

  test('can be called off', async () => {
    const start = open(fixture('hang-at-start'), { signal: AbortSignal.abort() });
    await expect(start).rejects.toThrow('The start of Fixture was called off');
  });

  test('of an agent of another protocol version is refused', async () => {
    await expect(open(fixture('other-version'))).rejects.toThrow('Fixture speaks version 2 of ACP, not 1');
  });

  test('of an agent that wants a login says so', async () => {
    await expect(open(fixture('wants-login'))).rejects.toThrow(/Authentication required; log in/);
  });

  test('with a model that the agent does not offer names the setting', async () => {
    const start = open(fixture('plain'), { settings: { model: 'big' } });
    await expect(start).rejects.toMatchObject({ name: 'AgentSettingError', setting: 'model' });
  });
});

describe('resume', () => {
  test('falls back to a new conversation when the agent has forgotten the old one', async () => {
    await using agent = await open(fixture('forgetful'), { resume: 'old' });
    expect(agent.info).toMatchObject({ acpSessionId: 'fixture-session', resumed: false, canResume: true });
  });

  test('by load discards the replay and keeps the state', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('loads'), { resume: 'fixture-session', handler });
    expect(agent.info).toMatchObject({ acpSessionId: 'fixture-session', resumed: true });
    expect(agent.info.commands).toEqual([{ name: 'old', description: '' }]);
    await agent.prompt(message('go'));
    expect(said(events)).toBe('hello');
  });
});
