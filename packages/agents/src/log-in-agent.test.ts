import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentLogin, AgentLoginMethod } from '@parleyhq/contract';
import { describe, expect, test, vi } from 'vitest';
import { itInAll } from '../../../scripts/test-forms.js';
import { cwd, env, makeFolderInEachTest, openDemo } from '../test/open-demo.js';
import { fixture, recorder } from '../test/open-fixture.js';
import { demo, demoInMemory } from './catalog/presets.js';
import type { AgentDefinition } from './definition.js';
import { type LogInAgentOptions, logInAgent } from './log-in-agent.js';

makeFolderInEachTest();

const browser = { id: 'browser', name: 'Sign in' };
const terminal = { id: 'tui', name: 'In a terminal', type: 'terminal', args: ['--login'] };
const key = { id: 'key', name: 'Key', type: 'env_var', vars: [{ name: 'ACME_API_KEY' }] };

/** The fixture agent, which names these methods and behaves so when it is logged in. */
const wanting = (behaviour: string, ...methods: object[]) => fixture(behaviour, JSON.stringify(methods));

/** Logs in, and gives the error, if there was one, the methods that were told, and how the login stood. */
async function logIn(definition: AgentDefinition, options: Partial<LogInAgentOptions> = {}) {
  let methods: readonly AgentLoginMethod[] | undefined;
  let show: (() => AgentLogin) | undefined;
  const error = await logInAgent({
    ...{ definition, cwd: tmpdir(), settings: {}, env, loginTimeoutMs: 30_000 },
    signal: new AbortController().signal,
    onMethods: (told) => {
      methods = told;
    },
    onLogin: (login) => {
      show = login;
    },
    ...options,
  }).catch((reason: unknown) => reason);
  return { error, methods, login: show?.() };
}

/** Waits as long as a busy machine needs. */
const until = <T>(seen: () => T | Promise<T>) => vi.waitFor(seen, { timeout: 20_000 });

/** Waits until an agent has said its pid, and gives it. */
const pidIn = (show: () => AgentLogin): Promise<number> =>
  until(() => Number(/pid (\d+)\n/.exec(show().output ?? '')?.[1] ?? expect.fail('no pid yet')));

describe('a login', () => {
  test.each([
    ['in a process', demo],
    ['in memory', demoInMemory],
  ])('of an agent %s that asks for a page shows it, and the next conversation begins', async (_, agent) => {
    const file = join(cwd, 'login');
    const wants = { ...env, PARLEY_DEMO_LOGIN: file };
    const { handler } = recorder();
    const open = () => openDemo(handler, { definition: agent, env: wants });
    await expect(open()).rejects.toMatchObject({
      kind: 'login',
      methods: [expect.stringContaining('demo (Log in to the demo')],
    });
    const { error, methods, login } = await logIn(agent, { env: wants });
    expect(error).toBeUndefined();
    expect(methods).toMatchObject([{ id: 'demo', kind: 'agent', how: expect.stringContaining('authenticateAgent') }]);
    expect(login).toMatchObject({ method: 'demo', url: 'https://parley.example/demo-login' });
    expect(login?.message).toContain('page');
    expect(existsSync(file)).toBe(true);
    await (await open()).close();
  });

  test('of an agent that needs a key is one where the key is set, and names the variable where it is not', async () => {
    const definition = { ...wanting('loads-after-login', key, terminal), passEnv: ['ACME_API_KEY'] };
    const missing = await logIn(definition);
    expect(missing.methods).toMatchObject([
      { id: 'key', kind: 'env_var', variables: ['ACME_API_KEY'] },
      { id: 'tui', kind: 'terminal', command: expect.stringMatching(/ --login$/) },
    ]);
    expect(missing.error).toMatchObject({ kind: 'login', message: expect.stringContaining('set ACME_API_KEY') });
    expect(missing.login).toBeUndefined();
    const { error, login } = await logIn(definition, { env: { ...env, ACME_API_KEY: 'x' } });
    expect(error).toBeUndefined();
    const [, pid] = /pid (\d+)\n/.exec(login?.output ?? '') ?? [];
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });

  test('by a method for a terminal, an unknown one or none of several is refused, and names them', async () => {
    const definition = wanting('wants-login', browser, { id: 'other', name: 'Other' }, terminal);
    for (const [method, message] of [
      ['tui', /^tui \(In a terminal\): run .* --login in a terminal\.$/],
      ['x', 'Fixture: expected a login method of browser, other, tui, got x'],
      [undefined, 'Fixture: expected a login method of browser, other, tui, got none'],
    ] as const) {
      const { error, login } = await logIn(definition, { method });
      expect(error).toMatchObject({ name: 'AgentSettingError', setting: 'method', message: expect.anything() });
      expect((error as Error).message).toMatch(message);
      expect(login).toBeUndefined();
    }
  });

  itInAll('of an agent without methods is one that it does not support', async () => {
    const { error, methods } = await logIn(fixture('plain'));
    expect(error).toMatchObject({ name: 'AgentUnsupportedError', place: 'method' });
    expect(methods).toEqual([]);
  });

  test.each([
    ['refuses it', 'refuses-login', 'Fixture was not logged in: access denied'],
    ['ends', 'ends-in-login', 'Fixture was not logged in: Fixture ended with exit code 7'],
  ])('that fails since the agent %s says so, with the ways that there are', async (_, behaviour, message) => {
    const { error } = await logIn(wanting(behaviour, browser));
    expect(error).toMatchObject({
      kind: 'login',
      message: expect.stringContaining(message),
      methods: [expect.stringContaining('browser')],
    });
  });

  itInAll('gives no form to fill in: a secret would go through the server', async () => {
    const { error, login } = await logIn(wanting('asks-in-login', browser));
    expect(error).toMatchObject({ message: expect.stringContaining('was not logged in: form: cancel') });
    expect(login).not.toHaveProperty('message');
  });

  test('that nobody finishes ends, also for who gives up, and the process with it', async () => {
    const definition = wanting('waits-in-login', browser);
    const late = await logIn(definition, { loginTimeoutMs: 1 });
    expect(late.error).toMatchObject({
      kind: 'login',
      message: 'Fixture was not logged in: nobody finished the login within 1 ms',
    });
    const leaving = new AbortController();
    let pid: Promise<number> | undefined;
    const { error } = await logIn(definition, {
      signal: leaving.signal,
      onLogin: (show) => {
        pid = pidIn(show).finally(() => leaving.abort());
      },
    });
    expect(error).toMatchObject({ kind: 'login', message: expect.stringContaining('ended before it had answered') });
    const ended = (await pid) ?? Number.NaN;
    expect(() => process.kill(ended, 0)).toThrow('ESRCH');
    expect((await logIn(definition, { signal: leaving.signal })).error).toMatchObject({ kind: 'start' });
  });
});
