import { describe, expect, test } from 'vitest';
import { itInAll, shareOf } from '../../../scripts/test-forms.js';

import { fixture, message, notices, open, recorder, said } from '../test/open-fixture.js';

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

  itInAll('that the agent fails at great length rejects with a part of its reason', async () => {
    await using agent = await open(fixture('fail-at-length'));
    const failure = await agent.prompt(message('go')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'turn', message: expect.stringMatching(/^Fixture: x{4096}$/) });
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

  itInAll('after the agent died in between rejects with the facts of its death', async () => {
    await using agent = await open(fixture('plain'));
    await agent.prompt(message('go'));
    process.kill(agent.info.pid ?? Number.NaN, 'SIGKILL');
    await agent.exited;
    await expect(agent.prompt(message('again', 'turn-2'))).rejects.toMatchObject({ kind: 'exit', signal: 'SIGKILL' });
  });

  itInAll('of an agent that closes its output but stays alive ends with the process', async () => {
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

  itInAll('updates of another conversation are passed over', async () => {
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

  itInAll('a line is as long as the server says', async () => {
    const limits = { lineBytes: 10_000, queueItems: 1, queueBytes: 1 };
    await using agent = await open(fixture('long-line', 'endless'), { limits });
    await expect(agent.prompt(message('go'))).rejects.toMatchObject({
      message: expect.stringContaining('than 10000 bytes'),
    });
  });

  test('what is printed before a message on its line is passed over, and half a character is none', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('noise'), { handler });
    await agent.prompt(message('go'));
    expect(said(events)).toBe('cut \ufffd');
    expect(notices(events)).toEqual([]);
  });

  itInAll('a message that cannot be read ends the wait, and is told', async () => {
    await using agent = await open(fixture('unreadable'));
    await expect(agent.prompt(message('go'))).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('sent a message that cannot be read: "{'),
    });
    await using killed = await open(fixture('half-a-line'));
    await expect(killed.prompt(message('go'))).rejects.toMatchObject({ kind: 'exit', exitCode: 5 });
  });

  itInAll('bytes that are not text are ignored, also before the answer to initialize', async () => {
    const { events, handler } = recorder();
    await using agent = await open(fixture('binary'), { handler });
    await agent.prompt(message('go'));
    expect(said(events)).toBe('hello');
    expect(agent.info.garbageLines).toBe(2);
  });
});

describe('an answer that ACP does not have', () => {
  const initialize = { protocolVersion: 1 };
  test.each<[what: string, answers: object, expected: string]>(
    shareOf(
      [
        ['to initialize', { initialize: null }, 'initialize is not one of ACP: expected an object, got null'],
        ['to initialize', { initialize: { protocolVersion: '1' } }, 'expected protocolVersion to be a number, got "1"'],
        ['to session/new', { 'session/new': [] }, 'session/new is not one of ACP: expected an object, got []'],
        ['to session/new', { 'session/new': { sessionId: 7 } }, 'expected sessionId to be a text, got 7'],
      ],
      2,
    ),
  )('%s fails the start in words that name the mistake: %j', async (_, answers, expected) => {
    const failure = await open(fixture('answers', JSON.stringify({ initialize, ...answers }))).catch((error) => error);
    expect(failure).toMatchObject({ name: 'AgentError', kind: 'start', message: expect.stringContaining(expected) });
  });

  test.each<[answer: unknown, expected: string]>(
    shareOf(
      [
        [null, 'session/prompt is not one of ACP: expected an object, got null'],
        [{ stopReason: 3 }, 'expected stopReason to be a text, got 3'],
        [{ stopReason: 'error' }, 'The agent ended the turn for a reason that ACP does not have: error'],
        [{ stopReason: 'toString' }, 'The agent ended the turn for a reason that ACP does not have: toString'],
        [{ stopReason: '__proto__' }, 'The agent ended the turn for a reason that ACP does not have: __proto__'],
      ],
      2,
    ),
  )('to session/prompt fails the turn, and completes what is open: %j', async (result, expected) => {
    const { events, handler } = recorder();
    const answers = JSON.stringify({ initialize, 'session/prompt': result });
    await using agent = await open(fixture('answers', answers), { handler });
    const failure = await agent.prompt(message('go')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AgentError', kind: 'turn', message: expect.stringContaining(expected) });
    expect(events.at(-1)?.type).toBe('item_completed');
  });

  test.each<unknown>(shareOf([null, 'x', { name: 'x' }, { name: 'x', version: null }, { name: 7, version: 7 }], 3))(
    'about itself is done without: %j',
    async (agentInfo) => {
      await using agent = await open(fixture('answers', JSON.stringify({ initialize: { ...initialize, agentInfo } })));
      expect(agent.info.version).toBeUndefined();
      expect(['Fixture', 'x']).toContain(agent.info.name);
    },
  );
});

describe('an agent that wants a login', () => {
  const wanting = (methods: readonly object[], definition: object = {}) => ({
    ...fixture('wants-login', JSON.stringify(methods)),
    ...definition,
  });
  const browser = { id: 'browser', name: 'Sign in', description: 'Opens a page' };
  const terminal = { id: 'tui', name: 'In a terminal', type: 'terminal', args: ['--login'] };
  const variables = { id: 'vars', name: 'Key', type: 'env_var', vars: [{ name: 'A' }, { name: 'B', optional: true }] };
  const described = { id: 'key', name: 'API key', description: 'Set ACME_API_KEY or ACME_TOKEN first' };

  test.each<[how: string, methods: object[], env: Record<string, string>, definition?: object]>(
    shareOf(
      [
        ['names a variable that is set', [browser, terminal, variables], { A: 'x' }],
        ['writes of a variable that is set', [browser, described], { ACME_TOKEN: 'x' }],
        [
          'has a key whose variable the preset knows',
          [{ id: 'api', name: 'API' }],
          { K: 'x' },
          { keyVariables: { api: ['K'] } },
        ],
        ['has a method that the operator names', [browser, terminal], {}, { authMethod: 'browser' }],
      ],
      2,
    ),
  )('is logged in if it %s', async (_, methods, env, definition) => {
    const passEnv = Object.keys(env);
    await using agent = await open(wanting(methods, { ...definition, passEnv }), { env });
    await agent.prompt(message('go'));
  });

  test('says how, where nothing of it can be done without a person', async () => {
    const methods = [browser, terminal, variables, described];
    const failure = await open(wanting(methods), { env: { A: 'not passed on' } }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      kind: 'login',
      message: 'Fixture wants a login first: Authentication required',
      methods: [
        'browser (Sign in: Opens a page): the owner of the server starts it with authenticateAgent.',
        expect.stringMatching(/^tui \(In a terminal\): run .* --login in a terminal\.$/),
        'vars (Key): set A for the server.',
        'key (API key: Set ACME_API_KEY or ACME_TOKEN first): set ACME_API_KEY or ACME_TOKEN for the server.',
      ],
    });
  });
});
