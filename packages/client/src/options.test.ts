import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../test/peer.js';
import { sendJson } from '../test/peer-answers.js';
import { notice, SESSION } from '../test/peer-session.js';
import { openSession, take } from '../test/streams.js';
import { type ClientOptions, createClient } from './create-client.js';

describe('createClient refuses', () => {
  test.each<[string, object]>([
    ...['timeout', 'handshakeTimeout'].flatMap((name) =>
      [0, -1, Number.NaN, Number.NEGATIVE_INFINITY].map((value): [string, object] => [name, { [name]: value }]),
    ),
    ...['maxRetries', 'maxReconnects', 'queueLimit'].flatMap((name) =>
      [-1, 1.5, Number.NaN].map((value): [string, object] => [name, { [name]: value }]),
    ),
    ['queueLimit', { queueLimit: 0 }],
    ['backoff.base', { backoff: { base: -1 } }],
    ['backoff.max', { backoff: { max: Number.NaN } }],
  ])('a %s that is out of range: %o', (name, options) => {
    const create = () => createClient({ baseUrl: 'http://h', ...options });
    expect(create).toThrow(RangeError);
    expect(create).toThrow(`${name}: expected `);
  });

  test.each<[string, object]>([
    ['timeout', { timeout: '60' }],
    ['maxRetries', { maxRetries: null }],
    ['backoff.max', { backoff: { max: '1' } }],
    ['token', { token: null }],
    ['fetch', { fetch: 'fetch' }],
    ['WebSocket', { WebSocket: {} }],
    ['logger.warn', { logger: { debug: () => undefined } }],
  ])('a %s of another type: %o', (name, options) => {
    const create = () => createClient({ baseUrl: 'http://h', ...(options as Partial<ClientOptions>) });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`${name}: expected `);
  });
});

describe('with a peer', () => {
  let peer: Peer;
  beforeEach(async () => {
    peer = await startPeer();
  });
  afterEach(() => peer[Symbol.asyncDispose]());

  test.each([2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY])('times of %d ms are none that have passed', async (long) => {
    const options = { timeout: long, handshakeTimeout: long, backoff: { base: 1, max: long }, maxRetries: 0 };
    const session = await openSession(peer, options);
    peer.connected = (socket) => {
      setImmediate(() => {
        socket.ack({ heartbeat_interval_ms: 3_600_000 });
        socket.follow();
      });
    };
    peer.answer = ({ response }) => {
      setImmediate(() => sendJson(response, 200, peer.session));
      return true;
    };
    await session.refresh();
    expect(await take(session.events({ after: 0 }), 1)).toEqual(['session_created']);
    expect(peer.sockets).toHaveLength(1);
  });

  test('a call refuses times and numbers that are none, and sends nothing', async () => {
    const session = await openSession(peer);
    const sent = peer.requests.length;
    await expect(session.refresh({ timeout: Number.NaN })).rejects.toThrow('timeout: expected');
    await expect(session.refresh({ maxRetries: -1 })).rejects.toBeInstanceOf(RangeError);
    expect(() => session.events({ after: -1 })).toThrow('after: expected');
    expect(() => session.events({ after: '5' as unknown as number })).toThrow(TypeError);
    expect(() => session.history({ after: 0.5 })).toThrow(RangeError);
    expect(() => session.history({ limit: Number.NaN })).toThrow('limit: expected');
    expect(() => session.history({ pageSize: 1_001 })).toThrow('pageSize: expected a whole number from 1 to 1000');
    const { sessions } = createClient({ baseUrl: peer.url });
    await expect(sessions.list({ limit: -1 }).next()).rejects.toThrow('limit: expected');
    await expect(sessions.list({ pageSize: 0 }).next()).rejects.toThrow(
      'pageSize: expected a whole number from 1 to 100',
    );
    expect(peer.requests).toHaveLength(sent);
  });

  test('a limit is of what a loop gives, and no more is asked for', async () => {
    peer.append(...[2, 3, 4, 5].map(notice));
    const session = await openSession(peer);
    const limits = () => peer.requests.map(({ query }) => query.get('limit')).filter((limit) => limit !== null);
    expect(await count(session.history({ limit: 0 }))).toBe(0);
    expect(await count(session.history({ limit: 3, pageSize: 2 }))).toBe(3);
    expect(await count(session.history({ limit: 100 }))).toBe(5);
    expect(await count(session.history({ limit: Number.POSITIVE_INFINITY }))).toBe(5);
    expect(limits()).toEqual(['2', '1', '100', '1000']);

    peer.requests.length = 0;
    peer.answer = ({ response }) =>
      sendJson(response, 200, { sessions: [peer.session, peer.session], next_cursor: 'next' });
    const { sessions } = createClient({ baseUrl: peer.url });
    expect(await count(sessions.list({ limit: 0 }))).toBe(0);
    expect(await count(sessions.list({ limit: 5, pageSize: 2 }))).toBe(5);
    // Of a server that gives more than it was asked for, too.
    expect(await count(sessions.list({ limit: 1 }))).toBe(1);
    expect(limits()).toEqual(['2', '2', '1', '1']);
  });

  test('an id that no path can carry is none, and nothing is sent', async () => {
    const client = createClient({ baseUrl: peer.url });
    for (const id of ['', '.', '..']) {
      const call = client.sessions.get(id);
      await expect(call).rejects.toMatchObject({
        code: 'SessionNotFound',
        message: expect.stringContaining(JSON.stringify(id)),
      });
      const params = { path: { session_id: id } };
      const { error } = await client.http.DELETE('/api/sessions/{session_id}', { params });
      expect(error?.code).toBe('SessionNotFound');
    }
    for (const id of [undefined, null, 5, ['a']]) {
      await expect(client.sessions.get(id as unknown as string)).rejects.toThrow('session_id: expected a string');
    }
    expect(peer.requests).toHaveLength(0);
    for (const id of ['../agents', '%2e%2e', 'a?b#c', '...']) {
      await expect(client.sessions.get(id)).rejects.toMatchObject({ code: 'NotFound' });
      expect(peer.requests.at(-1)?.path).toBe(`/api/sessions/${encodeURIComponent(id)}`);
    }
    await expect(client.sessions.get(SESSION)).resolves.toMatchObject({ id: SESSION });
  });
});

async function count(loop: AsyncIterable<unknown>): Promise<number> {
  let seen = 0;
  for await (const _ of loop) seen++;
  return seen;
}
