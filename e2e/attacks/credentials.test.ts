import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { WebSocket } from 'ws';
import { attack } from './attack.js';
import { open, readToEnd, shakeHands, type ToSend, write } from './http.js';
import { type Operation, readOperations } from './operations.js';
import { type Parley, startParley } from './parley-process.js';

let parley: Parley;
let operations: readonly Operation[];
let session: string;

beforeAll(async () => {
  operations = (await readOperations()).filter(({ secured }) => secured);
  parley = await startParley();
  session = await parley.createSession();
});
afterAll(() => parley.end());

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** Expects 401 from every operation that needs a credential and from the socket, and that nothing has happened. */
async function expectNoWayIn(headers: ToSend['headers'], { port } = parley): Promise<void> {
  const before = await parley.send('GET', session);
  expect(operations.length).toBeGreaterThan(10);
  for (const { id, method, path, body } of operations) {
    const target = path.replace('{session_id}', session.split('/').at(-1) ?? '');
    const answer = await parley.send(method, target, { headers, ...(body !== undefined && { body }) });
    expect.soft(answer, id).toMatchObject({ status: 401, text: expect.stringContaining('"Unauthorized"') });
  }
  expect.soft(await shakeHands(port, `${session}/events`, headers), 'the socket').toMatchObject({ status: 401 });
  expect(await parley.send('GET', session)).toMatchObject({ status: 200, text: before.text });
}

async function login(server: Parley): Promise<string> {
  const { text } = await server.send('POST', '/api/login', { headers: {}, body: { token: server.token } });
  return JSON.parse(text).access_token;
}

attack(
  'sends no credential to each operation and the socket',
  'whatever runs on the machine, and every user of it, could start agents',
  async () => {
    await expectNoWayIn({});
  },
);

attack(
  'sends wrong credentials: of another server, cut, longer, in another case, as a password, empty, or none at all',
  'a token that leaked elsewhere, or a part of one, would open this server',
  async () => {
    const other = await startParley();
    const { token } = parley;
    try {
      const wrong = [other.token, token.slice(0, -1), `${token}A`, token.toLowerCase(), 'undefined', 'null'];
      for (const one of wrong) await expectNoWayIn(bearer(one));
    } finally {
      await other.end();
    }
    const password = `Basic ${Buffer.from(`owner:${token}`).toString('base64')}`;
    for (const Authorization of ['', 'Bearer', 'Bearer ', password, token, `Bearer ${token} ${token}`]) {
      await expectNoWayIn({ Authorization });
    }
  },
);

attack(
  'sends a login that has expired, and stays on a socket that it opened',
  'one stolen login would be good for ever',
  async () => {
    const short = await startParley({ config: { limits: { login_lifetime_ms: 2_000, heartbeat_interval_ms: 500 } } });
    try {
      const path = await short.createSession();
      const token = await login(short);
      const socket = new WebSocket(`ws://127.0.0.1:${short.port}${path}/events`, { headers: bearer(token) });
      expect(await once(socket, 'close')).toMatchObject([4401, expect.anything()]);
      for (const { id, method, path: pattern, body } of operations) {
        const target = pattern.replace('{session_id}', path.split('/').at(-1) ?? '');
        const answer = await short.send(method, target, { headers: bearer(token), body });
        expect.soft(answer.status, id).toBe(401);
      }
      expect(await shakeHands(short.port, `${path}/events`, bearer(token))).toMatchObject({ status: 401 });
    } finally {
      await short.end();
    }
  },
);

attack(
  'sends a login that was ended, and stays on a socket that it opened',
  'to log out would help nobody whose login was stolen',
  async () => {
    const token = await login(parley);
    const socket = new WebSocket(`ws://127.0.0.1:${parley.port}${session}/events`, { headers: bearer(token) });
    await once(socket, 'message');
    const closed = once(socket, 'close');
    expect(await parley.send('POST', '/api/logout', { headers: bearer(token) })).toMatchObject({ status: 204 });
    expect(await closed).toMatchObject([4401, expect.anything()]);
    await expectNoWayIn(bearer(token));
  },
);

attack(
  'puts the good token into the URL, under the names that servers take it by',
  'tokens from logs, histories and Referer headers would open the server',
  async () => {
    for (const name of ['token', 'access_token', 'auth', 'authorization', 'api_key', 'key']) {
      for (const { id, method, path } of operations) {
        const target = path.replace('{session_id}', session.split('/').at(-1) ?? '');
        const { status } = await parley.send(method, `${target}?${name}=${parley.token}`, { headers: {} });
        expect.soft(status, `${id} ${name}`).toBe(401);
      }
      const query = `${name}=${parley.token}`;
      expect.soft(await shakeHands(parley.port, `${session}/events?${query}`)).toMatchObject({ status: 401 });
    }
    const inAuthority = `http://owner:${parley.token}@localhost:${parley.port}/api/sessions`;
    expect(await parley.send('GET', inAuthority, { headers: {} })).toMatchObject({ status: 401 });
  },
);

attack('exchanges a login for a new one again and again', 'a stolen login would never expire', async () => {
  const token = await login(parley);
  expect(await parley.send('POST', '/api/login', { headers: bearer(token), body: { token } })).toMatchObject({
    status: 401,
  });
});

attack(
  'tries tokens at the login until it is refused, to keep the owner out',
  'the owner could not log in while somebody else fails to',
  async () => {
    const own = await startParley();
    try {
      const guess = { headers: {}, body: { token: `parley_${'A'.repeat(43)}` } };
      const statuses: number[] = [];
      while (!statuses.includes(429) && statuses.length < 200) {
        statuses.push((await own.send('POST', '/api/login', guess)).status);
      }
      expect(statuses).toContain(429);
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
      await expect(login(own)).resolves.toMatch(/^parley_login_/);
      expect(await own.send('GET', '/api/sessions')).toMatchObject({ status: 200 });
    } finally {
      await own.end();
    }
  },
);

attack(
  'reads what the server keeps and says, to find tokens there',
  'whoever sees a backup or a log could start agents',
  async () => {
    const token = await login(parley);
    await parley.send('GET', `/api/sessions?token=${parley.token}`);
    const found = (secret: string) =>
      new Promise<string>((resolve) => {
        execFile('grep', ['-rla', '--', secret, parley.dataDir], (_, stdout) => resolve(stdout.trim()));
      });
    expect(await found(token)).toBe('');
    expect(await found(parley.token)).toBe(`${parley.dataDir}/access-token`);
    for (const secret of [token, parley.token]) expect(parley.log()).not.toContain(secret);
    expect((await stat(`${parley.dataDir}/access-token`)).mode & 0o777).toBe(0o600);
  },
);

attack(
  'takes every file that the server may open, by connections without a credential',
  'good tokens would be taken for revoked, for good, and no agent could be started',
  async () => {
    const small = await startParley({ openFiles: 256 });
    try {
      const words = ['--account', 'ci', '--scope', 'control', '--expires', '1d', '--json', '--data-dir', small.dataDir];
      const { token } = JSON.parse(await small.cli('token', 'create', ...words));
      const made = await small.send('POST', '/api/login', { headers: {}, body: { token } });
      const credentials = [bearer(token), bearer(JSON.parse(made.text).access_token)];
      const { text } = await small.send('POST', '/api/sessions', {
        headers: bearer(token),
        body: { cwd: small.project },
      });
      const events = `ws://127.0.0.1:${small.port}/api/sessions/${JSON.parse(text).session_id}/events`;
      const sockets = credentials.map((headers) => new WebSocket(events, { headers }));
      const ends = sockets.map((socket) => once(socket, 'close'));
      await Promise.all(sockets.map((socket) => once(socket, 'open')));
      const kept = open(small.port);
      const ask = (method: string, path: string, body?: object) => {
        const headers = { ...bearer(token), Connection: 'keep-alive' };
        kept.write(write(small.port, method, path, { headers, ...(body !== undefined && { body }) }));
        return once(kept, 'data').then(String);
      };
      await ask('GET', '/api/sessions');
      const idle = Array.from({ length: 300 }, () => open(small.port));
      await Promise.any(idle.map(readToEnd)); // there is no room for one more
      // The server looks at its tokens each second.
      await Promise.race([...ends, new Promise((resolve) => setTimeout(resolve, 2_500))]);
      expect(await ask('POST', '/api/sessions', { cwd: small.project, workspace: 'isolated' })).toMatch(
        /^HTTP.1.1 201/,
      );
      for (const socket of [...idle, kept]) socket.destroy();
      for (const headers of credentials) {
        await expect.poll(() => small.send('GET', '/api/sessions', { headers })).toMatchObject({ status: 200 });
      }
      expect(sockets.map(({ readyState }) => readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
      for (const socket of sockets) socket.terminate();
    } finally {
      await small.end();
    }
  },
);
