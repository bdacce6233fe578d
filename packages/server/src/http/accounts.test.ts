import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { handshake } from '../../test/handshake.js';
import { startServer } from '../../test/start-server.js';
import { createToken, fileOf, revokeToken, type TokenRequest, tokenFolderOf } from '../auth/token-folder.js';
import { writeWhole } from '../files/write-whole.js';
import { routes } from '../gen/routes.js';

/** A server, and tokens for accounts of its. */
async function open(options?: Parameters<typeof startServer>[0]) {
  const started = await startServer(options);
  const { sendAs, server } = started;
  const bearerOf = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    ...started,
    async make(account: string, scope: TokenRequest['scope'] = 'control', expiresAt?: number) {
      const { token, record } = await createToken(server.dataDir, { account, scope, expiresAt });
      return { token, id: record.id, bearer: bearerOf(token), dataDir: server.dataDir };
    },
    async login(token: string) {
      const { body } = await sendAs({}, 'POST', '/api/login', { token });
      return { ...body, bearer: bearerOf(body.access_token) };
    },
  };
}

/** Each operation on a session, with a body that it would take. */
const BODIES: Readonly<Record<string, unknown>> = {
  submit: { type: 'interrupt' },
  applyPatch: {},
  revertPatch: { patch_id: '550e8400-e29b-41d4-a716-446655440000' },
};
const onSessions = Object.values(routes).filter(({ path }) => path.includes('{session_id}'));
const ofControl = Object.values(routes).filter(({ secured, method, operationId }) => {
  return secured && method !== 'get' && operationId !== 'logout';
});

describe('accounts', () => {
  it('have sessions of their own; to everybody else they are unknown, on each operation and the socket', async () => {
    const { make, login, sendAs, bearer, createSession, project, url } = await open();
    const ci = await make('ci');
    const mine = `/api/sessions/${(await sendAs(ci.bearer, 'POST', '/api/sessions', { cwd: project })).body.session_id}`;
    const owners = await createSession();
    const idsOf = async (headers: Record<string, string>) =>
      (await sendAs(headers, 'GET', '/api/sessions')).body.sessions.map(
        ({ session_id }: { session_id: string }) => `/api/sessions/${session_id}`,
      );
    expect(await idsOf(ci.bearer)).toEqual([mine]);
    expect(await idsOf(bearer)).toEqual([owners]);

    expect(onSessions.length).toBeGreaterThanOrEqual(8);
    const other = await make('other');
    for (const [headers, session] of [
      [ci.bearer, owners],
      [(await login(ci.token)).bearer, owners],
      [other.bearer, mine],
      [bearer, mine],
    ] as const) {
      for (const { operationId, method, path } of onSessions) {
        const target = path.replace('/api/sessions/{session_id}', session);
        const { status, body } = await sendAs(headers, method.toUpperCase(), target, BODIES[operationId]);
        expect([operationId, status, body.code]).toEqual([operationId, 404, 'SessionNotFound']);
      }
      expect((await handshake(`${url}${session}/events`, headers)).status).toBe(404);
    }
    for (const [headers, session] of [
      [bearer, owners],
      [ci.bearer, mine],
    ] as const) {
      expect((await sendAs(headers, 'GET', session)).body.status).toBe('idle');
      const { status, socket } = await handshake(`${url}${session}/events`, headers);
      expect(status).toBe('open');
      socket.close();
    }
  });

  it('know neither the modes nor the number of the sessions of others', async () => {
    const { make, sendAs, bearer, project } = await open();
    const [ci, other] = [await make('ci'), await make('other', 'read')];
    const seenBy = async (headers: Record<string, string>) => [
      (await sendAs(headers, 'GET', '/api/health')).body.session_count,
      'authorization' in headers && 'modes' in (await sendAs(headers, 'GET', '/api/agents')).body.agents[0],
    ];
    await sendAs(ci.bearer, 'POST', '/api/sessions', { cwd: project });
    expect(await seenBy(ci.bearer)).toEqual([1, true]);
    for (const headers of [other.bearer, bearer, {}]) expect(await seenBy(headers)).toEqual([0, false]);
  });

  it('have four fifths of the sessions at most, and the owner all', async () => {
    const { make, sendAs, bearer, project } = await open({ limits: { maxSessions: 5 } });
    const create = async (headers: Record<string, string>) =>
      (await sendAs(headers, 'POST', '/api/sessions', { cwd: project })).body.code ?? 'created';
    const [ci, other] = [await make('ci'), await make('other')];
    const many = await Promise.all(Array.from({ length: 5 }, () => create(ci.bearer)));
    expect(many.sort()).toEqual(['TooManySessions', ...Array(4).fill('created')]);
    expect([await create(other.bearer), await create(bearer)]).toEqual(['created', 'TooManySessions']);
    const { sendAs: send, bearer: owner, project: cwd } = await open({ limits: { maxSessions: 2 } });
    const own = async () => (await send(owner, 'POST', '/api/sessions', { cwd })).status;
    expect([await own(), await own(), await own()]).toEqual([201, 201, 429]);
  });

  it('are one for all their tokens: what one has begun another sees, and may change with the scope for it', async () => {
    const { make, sendAs, project } = await open();
    const [control, read] = [await make('ci'), await make('ci', 'read')];
    const { body } = await sendAs(control.bearer, 'POST', '/api/sessions', { cwd: project });
    const session = `/api/sessions/${body.session_id}`;
    expect((await sendAs(read.bearer, 'GET', session)).status).toBe(200);
    expect((await sendAs(read.bearer, 'DELETE', session)).body.code).toBe('Forbidden');
    expect((await sendAs((await make('ci')).bearer, 'DELETE', session)).status).toBe(204);
  });
});

describe('the scope read', () => {
  it('looks on and changes nothing, by token or login, over REST or the socket', async () => {
    const { make, login, sendAs, createSession, url } = await open();
    const session = await createSession();
    const read = await make('owner', 'read');
    const made = await login(read.token);
    expect(made).toMatchObject({ account: 'owner', scope: 'read' });
    expect(ofControl.map(({ operationId }) => operationId)).toEqual(
      expect.arrayContaining(['createSession', 'submit', 'applyPatch', 'revertPatch', 'closeSession']),
    );
    for (const { bearer } of [read, made]) {
      for (const { operationId, method, path } of ofControl) {
        const target = path.replace('/api/sessions/{session_id}', session);
        const { status, body } = await sendAs(bearer, method.toUpperCase(), target, BODIES[operationId]);
        expect([operationId, status, body.code]).toEqual([operationId, 403, 'Forbidden']);
      }
      for (const path of [session, `${session}/history`, '/api/sessions', '/api/agents']) {
        expect([path, (await sendAs(bearer, 'GET', path)).status]).toEqual([path, 200]);
      }
      const { socket } = await handshake(`${url}${session}/events`, bearer);
      const refused = new Promise<string>((resolve) => {
        socket.on('message', (data) => String(data).startsWith('{"type":"error"') && resolve(String(data)));
      });
      socket.send(`{"type":"submission","id":"1","timestamp":1,"payload":{"type":"interrupt"}}`);
      expect(JSON.parse(await refused).payload).toMatchObject({ code: 'Forbidden', in_reply_to: '1' });
      socket.close();
    }
    expect((await sendAs(made.bearer, 'POST', '/api/logout')).status).toBe(204);
    expect((await sendAs(made.bearer, 'GET', session)).status).toBe(401);
    expect((await sendAs(read.bearer, 'GET', session)).status).toBe(200);
  });
});

describe('a token that ends', () => {
  it('closes its sockets and those of its logins with 4401, and no others; nothing made of it is good', async () => {
    const { make, login, sendAs, createSession, bearer, url } = await open();
    const session = await createSession();
    const [one, other] = [await make('owner'), await make('owner')];
    const made = await login(one.token);
    const ending = [one.bearer, made.bearer];
    const staying = [bearer, other.bearer, (await login(other.token)).bearer];
    const connect = async (headers: Record<string, string>) =>
      (await handshake(`${url}${session}/events`, headers)).socket;
    const ended = await Promise.all(ending.map(connect));
    const stayed = await Promise.all(staying.map(connect));
    const closed = Promise.all(ended.map((socket) => once(socket, 'close')));

    expect(await revokeToken(one.dataDir, one.id)).toBe(true);
    for (const headers of ending) {
      expect((await sendAs(headers, 'GET', session)).body.code).toBe('Unauthorized');
      expect((await handshake(`${url}${session}/events`, headers)).status).toBe(401);
    }
    expect((await sendAs({}, 'POST', '/api/login', { token: one.token })).status).toBe(401);
    expect((await closed).map(([code]) => code)).toEqual([4401, 4401]);
    for (const headers of staying) expect((await sendAs(headers, 'GET', session)).status).toBe(200);
    for (const socket of stayed) {
      expect(socket.readyState).toBe(socket.OPEN);
      socket.close();
    }
  });

  itInAll('does so too when it expires, and its logins no later', async () => {
    const { make, login, sendAs, createSession, url } = await open();
    const session = await createSession();
    const expiresAt = Date.now() + 600_000;
    const short = await make('owner', 'control', expiresAt);
    const made = await login(short.token);
    expect(made.expires_at).toBe(expiresAt);
    expect((await sendAs(short.bearer, 'GET', '/api/login/status')).body.expires_at).toBe(expiresAt);
    const { socket } = await handshake(`${url}${session}/events`, short.bearer);
    const closed = once(socket, 'close');
    // Ten minutes later.
    const path = fileOf(tokenFolderOf(short.dataDir), short.id);
    await writeWhole(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), expires_at: Date.now() }));
    expect((await closed)[0]).toBe(4401);
    for (const headers of [short.bearer, made.bearer]) {
      expect((await sendAs(headers, 'GET', session)).status).toBe(401);
    }
  });
});
