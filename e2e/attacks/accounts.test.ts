import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { WebSocket } from 'ws';
import { attack } from './attack.js';
import { shakeHands } from './http.js';
import { type Operation, readOperations } from './operations.js';
import { type Parley, startParley } from './parley-process.js';

let parley: Parley;
let operations: readonly Operation[];
/** A session of the owner. */
let session: string;

beforeAll(async () => {
  operations = (await readOperations()).filter(({ secured }) => secured);
  parley = await startParley();
  session = await parley.createSession();
});
afterAll(() => parley.end());

/** Makes a token as an operator does. */
async function makeToken(account: string, scope: 'read' | 'control'): Promise<{ Authorization: string }> {
  const options = ['--account', account, '--scope', scope, '--expires', '1h', '--data-dir', parley.dataDir];
  return { Authorization: `Bearer ${(await parley.cli('token', 'create', ...options)).trim()}` };
}

/** The status of each operation, and of the handshake, at the session of the owner. */
async function statusesWith(headers: { Authorization: string }, which = operations): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const { id, method, path, body } of which) {
    const target = path.replace('{session_id}', session.split('/').at(-1) ?? '');
    statuses[id] = (await parley.send(method, target, { headers, ...(body !== undefined && { body }) })).status;
  }
  statuses.socket = (await shakeHands(parley.port, `${session}/events`, headers)).status;
  return statuses;
}

const all = (status: number) => Object.fromEntries([...operations.map(({ id }) => [id, status]), ['socket', status]]);

attack(
  'sends a token that was revoked, and stays on a socket that it opened',
  'who has left a team, or stolen a token, would stay in',
  async () => {
    const headers = await makeToken('owner', 'read');
    const socket = new WebSocket(`ws://127.0.0.1:${parley.port}${session}/events`, { headers });
    await once(socket, 'message');
    const closed = once(socket, 'close');
    const [file = ''] = await readdir(join(parley.dataDir, 'tokens'));
    await parley.cli('token', 'revoke', file.replace('.json', ''), '--data-dir', parley.dataDir);
    expect(await closed).toMatchObject([4401, expect.anything()]);
    expect(await statusesWith(headers)).toEqual(all(401));
  },
);

attack('sends a token that has expired', 'a token for an hour would be one for ever', async () => {
  const headers = await makeToken('owner', 'control');
  // An hour later: the file is all that the server knows of the end.
  const folder = join(parley.dataDir, 'tokens');
  for (const name of await readdir(folder)) {
    const record = JSON.parse(await readFile(join(folder, name), 'utf8'));
    await writeFile(join(folder, name), JSON.stringify({ ...record, expires_at: Date.now() - 1 }));
  }
  expect(await statusesWith(headers)).toEqual(all(401));
});

attack(
  'carries out operations with a token that may only read',
  'a display on the wall could start agents, approve what they ask and apply patches',
  async () => {
    const headers = await makeToken('owner', 'read');
    const control = operations.filter(({ id, method }) => method !== 'GET' && id !== 'logout');
    expect(control.length).toBeGreaterThan(4);
    const { socket: _, ...statuses } = await statusesWith(headers, control);
    expect(statuses).toEqual(Object.fromEntries(control.map(({ id }) => [id, 403])));
    const webSocket = new WebSocket(`ws://127.0.0.1:${parley.port}${session}/events`, { headers });
    await once(webSocket, 'message');
    const payload = { type: 'user_message', content: 'x' };
    webSocket.send(JSON.stringify({ type: 'submission', id: '1', timestamp: Date.now(), payload }));
    const [answer] = await once(webSocket, 'message');
    expect(JSON.parse(String(answer))).toMatchObject({ type: 'error', payload: { code: 'Forbidden' } });
    webSocket.terminate();
  },
);

attack(
  'takes the id of a session of another account to each operation and the socket',
  'every user of a server would read and drive the agents of all others',
  async () => {
    const headers = await makeToken('mallory', 'control');
    const there = operations.filter(({ path }) => path.includes('{session_id}'));
    const found = await statusesWith(headers, there);
    expect(found).toEqual({ ...Object.fromEntries(there.map(({ id }) => [id, 404])), socket: 404 });
    const none = session.replace(/[^/]+$/, '550e8400-e29b-41d4-a716-446655440000');
    const messageOf = async (path: string) => {
      const { message } = JSON.parse((await parley.send('GET', path, { headers })).text);
      return String(message).replace(/[0-9a-f-]{36}/, 'ID');
    };
    expect(await messageOf(session)).toBe(await messageOf(none));
    expect(JSON.parse((await parley.send('GET', '/api/sessions', { headers })).text).sessions).toEqual([]);
    expect(await parley.send('GET', session)).toMatchObject({ status: 200 });
  },
);

attack(
  'guesses keys and cursors of another account',
  'a repeated key would give out the answer to somebody else, a cursor his list',
  async () => {
    const headers = await makeToken('mallory', 'control');
    const keyed = (more: object) => ({ ...more, 'Idempotency-Key': '550e8400-e29b-41d4-a716-446655440001' });
    const body = { cwd: parley.project };
    const owner = { Authorization: `Bearer ${parley.token}` };
    const own = JSON.parse((await parley.send('POST', '/api/sessions', { headers: keyed(owner), body })).text);
    const other = JSON.parse((await parley.send('POST', '/api/sessions', { headers: keyed(headers), body })).text);
    expect(other.session_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.session_id).not.toBe(own.session_id);
    const { next_cursor } = JSON.parse((await parley.send('GET', '/api/sessions?limit=1')).text);
    const { sessions } = JSON.parse(
      (await parley.send('GET', `/api/sessions?cursor=${next_cursor}`, { headers })).text,
    );
    expect(sessions.filter((one: { session_id: string }) => one.session_id !== other.session_id)).toEqual([]);
  },
);

attack(
  'logs an agent in with the token of another account, or one that may only read',
  'the agents of everybody would work for the login of a stranger, who reads along there',
  async () => {
    for (const headers of [await makeToken('mallory', 'control'), await makeToken('owner', 'read')]) {
      for (const agent of ['demo', 'nobody']) {
        const answer = await parley.send('POST', `/api/agents/${agent}/authenticate`, { headers, body: {} });
        expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('"Forbidden"') });
      }
    }
  },
);

attack(
  'has the agent list the conversations of another account, and takes one up',
  'whatever was said to an agent, here or in a terminal, could be read and gone on with by everybody whom it serves',
  async () => {
    const mallory = await makeToken('mallory', 'control');
    const own = await parley.createSession();
    await parley.send('POST', `${own}/submit`, { body: { type: 'user_message', content: '/refuse' } });
    const list = `/api/agents/demo/sessions?cwd=${encodeURIComponent(parley.project)}`;
    const listed = async (request = {}) => JSON.parse((await parley.send('GET', list, request)).text).sessions;
    await expect.poll(listed).not.toEqual([]);
    const [{ agent_session_id }] = await listed();
    await parley.send('DELETE', own);
    expect(await listed({ headers: mallory })).toEqual([]);
    const body = { cwd: parley.project, resume_agent_session: agent_session_id };
    expect(await parley.send('POST', '/api/sessions', { headers: mallory, body })).toMatchObject({ status: 400 });
    // A conversation of which the server knows nothing any more is for the owner alone.
    await parley.send('DELETE', `${own}?purge=true`);
    expect(await listed({ headers: mallory })).toEqual([]);
    expect(await parley.send('POST', '/api/sessions', { headers: mallory, body })).toMatchObject({ status: 400 });
    expect(await parley.send('POST', '/api/sessions', { body })).toMatchObject({ status: 201 });
  },
);
