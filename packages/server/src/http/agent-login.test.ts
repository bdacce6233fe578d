import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { startServer, temporaryFolder } from '../../test/start-server.js';
import { createToken, type TokenRequest } from '../auth/token-folder.js';

/** An agent that takes no conversation before a login, and names a way that needs a key and one that needs a person. */
const WANTS_LOGIN = `
  const authMethods = [
    { id: 'key', name: 'Set ACME_API_KEY' },
    { id: 'tui', name: 'Sign in', type: 'terminal', args: ['--login'] },
  ];
  const answers = { initialize: { result: { protocolVersion: 1, agentCapabilities: {}, authMethods } } };
  const refusal = { error: { code: -32000, message: 'Authentication required' } };
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line);
    console.log(JSON.stringify({ jsonrpc: '2.0', id, ...(answers[method] ?? refusal) }));
  });`;

it('an agent that wants a login is not worth another try, and the error says how to log in', async () => {
  const agent = { name: 'acme', title: 'Acme', command: process.execPath, args: ['-e', WANTS_LOGIN] };
  const { send, project } = await startServer({ agents: [agent], defaultAgent: 'acme' });
  const { status, headers, body } = await send('POST', '/api/sessions', { body: { cwd: project } });
  expect([status, body.code, headers['retry-after']]).toEqual([502, 'AgentLoginRequired', undefined]);
  expect(body.message).toContain('Acme wants a login first: Authentication required');
  expect(body.details.map(({ message }: { message: string }) => message)).toEqual([
    'key (Set ACME_API_KEY): set ACME_API_KEY for the server.',
    expect.stringMatching(/^tui \(Sign in\): run .* --login in a terminal\.$/s),
  ]);
});

/** An agent that names a way to log in, and waits for a person that never comes. */
const WAITS = `
  const authMethods = [{ id: 'page', name: 'Sign in' }, { id: 'tui', name: 'Terminal', type: 'terminal' }];
  const answers = { initialize: { result: { protocolVersion: 1, agentCapabilities: {}, authMethods } } };
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line);
    if (method === 'authenticate') return console.error('Enter ABCD-EFGH, pid ' + process.pid);
    const refusal = { error: { code: -32000, message: 'Authentication required' } };
    console.log(JSON.stringify({ jsonrpc: '2.0', id, ...(answers[method] ?? refusal) }));
  });`;
const waiting = { name: 'acme', title: 'Acme', command: process.execPath, args: ['-e', WAITS] };

/** Waits as long as a busy machine needs. */
const until = <T>(seen: () => T | Promise<T>) => vi.waitFor(seen, { timeout: 20_000 });

describe('the login of an agent', () => {
  it('by the owner, as the error of the session names it, makes sessions of the agent possible', async () => {
    const folder = await temporaryFolder();
    const auditLog = join(folder, 'audit.jsonl');
    const demo = { name: 'demo', env: { PARLEY_DEMO_LOGIN: join(folder, 'login') } };
    const { send, project } = await startServer({ agents: [demo], auditLog });
    const describeDemo = async () => {
      const { body } = await send('GET', '/api/agents');
      return body.agents.find(({ name }: { name: string }) => name === 'demo');
    };
    const create = () => send('POST', '/api/sessions', { body: { cwd: project, agent: 'demo' } });
    expect(await describeDemo()).not.toHaveProperty('login_methods');
    const refused = await create();
    expect(refused).toMatchObject({ status: 502, body: { code: 'AgentLoginRequired' } });
    const { login_methods: methods } = await describeDemo();
    expect(methods).toEqual([
      {
        ...{ id: 'demo', name: 'Log in to the demo', kind: 'agent' },
        description: expect.any(String),
        how: refused.body.details[0].message,
      },
    ]);
    const { status, text } = await send('POST', '/api/agents/demo/authenticate', { body: { method: 'demo' } });
    expect([status, text]).toEqual([204, '']);
    expect((await create()).status).toBe(201);
    expect(await describeDemo()).not.toHaveProperty('login');
    const lines = (await readFile(auditLog, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line)).at(-2)).toMatchObject({
      ...{ action: 'authenticate_agent', outcome: 'ok', account: 'owner', agent: 'demo', method: 'demo' },
    });
  });

  it('goes on as long as its client waits, one at a time, and only the owner sees what has to be done', async () => {
    const { send, sendAs, server, url, bearer } = await startServer({ agents: [waiting] });
    const made = async (account: string, scope: TokenRequest['scope']) => {
      const { token } = await createToken(server.dataDir, { account, scope });
      return { authorization: `Bearer ${token}` };
    };
    const [other, display] = [await made('other', 'control'), await made('owner', 'read')];
    const leaving = new AbortController();
    const asked = fetch(`${url}/api/agents/acme/authenticate`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: '{}',
      signal: leaving.signal,
    });
    const loginFor = async (headers: Record<string, string>) => {
      const { body } = await sendAs(headers, 'GET', '/api/agents');
      return body.agents.find(({ name }: { name: string }) => name === 'acme').login;
    };
    const login = await until(async () => {
      const shown = await loginFor(bearer);
      expect(shown?.output).toContain('Enter ABCD-EFGH');
      return shown;
    });
    expect(login).toMatchObject({ method: 'page', started_at: expect.any(Number) });
    expect([await loginFor(other), await loginFor(display)]).toEqual([undefined, undefined]);
    const path = '/api/agents/acme/authenticate';
    const again = await send('POST', path, { body: {} });
    expect(again).toMatchObject({ status: 429, body: { code: 'TooManyRequests' } });
    for (const headers of [other, display]) {
      expect(await sendAs(headers, 'POST', path, {})).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    }
    leaving.abort();
    await expect(asked).rejects.toThrow('abort');
    const pid = Number(/pid (\d+)/.exec(login.output)?.[1]);
    await until(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
    await until(async () => expect(await loginFor(bearer)).toBeUndefined());
  });

  itInAll('ends with the server', async () => {
    const { send, server } = await startServer({ agents: [waiting] });
    const asked = send('POST', '/api/agents/acme/authenticate', { body: {} });
    const pid = await until(async () => {
      const { body } = await send('GET', '/api/agents');
      const acme = body.agents.find(({ name }: { name: string }) => name === 'acme');
      return Number(/pid (\d+)/.exec(acme.login?.output ?? '')?.[1] ?? expect.fail('no pid yet'));
    });
    const closed = server.close();
    expect(await asked).toMatchObject({ status: 503, body: { code: 'Unavailable' } });
    await closed;
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('is refused for what there is not: the agent, the method, the command, the person', async () => {
    const missing = { name: 'missing', command: '/no/such/command' };
    const { send } = await startServer({
      agents: [{ name: 'demo', in_memory: true }, waiting, missing],
      limits: { agentLoginTimeoutMs: 1 },
    });
    const logIn = async (agent: string, method: string) => {
      const { status, body, headers } = await send('POST', `/api/agents/${agent}/authenticate`, { body: { method } });
      return [status, body.code, body.details?.[0]?.pointer, body.message, headers['retry-after']];
    };
    expect(await logIn('nobody', 'x')).toEqual([404, 'NotFound', undefined, 'No agent of this name.', undefined]);
    expect(await logIn('demo', 'x')).toEqual([
      ...[422, 'UnsupportedByAgent', '/body/method', 'Demo agent names no way to log in.', undefined],
    ]);
    expect(await logIn('acme', 'x')).toEqual([
      ...[400, 'InvalidRequest', '/body/method', expect.stringContaining('of page, tui, got x'), undefined],
    ]);
    expect(await logIn('acme', 'tui')).toEqual([
      ...[400, 'InvalidRequest', '/body/method', expect.stringContaining('in a terminal'), undefined],
    ]);
    expect(await logIn('acme', 'page')).toEqual([
      ...[502, 'AgentLoginRequired', undefined, expect.stringContaining('nobody finished the login'), undefined],
    ]);
    expect(await logIn('missing', 'x')).toEqual([
      ...[502, 'AgentUnavailable', undefined, expect.stringContaining('cannot start here'), undefined],
    ]);
  });
});
