import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { sendError, sendJson } from '../../test/peer-answers.js';
import { SESSION } from '../../test/peer-session.js';
import { type Client, type ClientOptions, createClient } from '../create-client.js';
import { ConnectionError, ValidationError } from '../errors.js';

let peer: Peer;
beforeEach(async () => {
  peer = await startPeer();
});
afterEach(() => peer[Symbol.asyncDispose]());

function connect(options: Partial<ClientOptions> = {}): Client {
  return createClient({ baseUrl: peer.url, token: 'secret', backoff: { base: 1, max: 5 }, ...options });
}

/** The peer answers the first so many requests with this. */
function failFirst(times: number, fail: Peer['answer']): void {
  peer.answer = (request) => (peer.requests.length <= times ? (fail?.(request) ?? false) : false);
}

describe('client.http', () => {
  test('gives data, typed by its path', async () => {
    const { data, error } = await connect().http.GET('/api/sessions/{session_id}', {
      params: { path: { session_id: SESSION } },
    });
    expect(error).toBeUndefined();
    expect(data?.session_id).toBe(SESSION);
    expect(peer.requests[0]?.headers.authorization).toBe('Bearer secret');
  });

  test('gives the error of the server', async () => {
    peer.answer = ({ response }) => sendError(response, 404, 'SessionNotFound');
    const { data, error } = await connect().http.GET('/api/sessions/{session_id}', {
      params: { path: { session_id: SESSION } },
    });
    expect(data).toBeUndefined();
    expect(error?.code).toBe('SessionNotFound');
  });

  test('throws a ValidationError for an answer that does not fit, with the place', async () => {
    peer.answer = ({ response }) => sendJson(response, 200, { ...peer.session, status: 5 });
    const call = connect().sessions.get(SESSION);
    await expect(call).rejects.toBeInstanceOf(ValidationError);
    await expect(call).rejects.toMatchObject({ problems: [{ pointer: '/status' }], raw: { status: 5 } });
  });

  test('takes an answer that has grown as a tolerant reader does', async () => {
    peer.answer = ({ response }) => sendJson(response, 200, { ...peer.session, status: 'dreaming', mood: 'fine' });
    const session = await connect().sessions.get(SESSION);
    expect(session.info.status).toBe('dreaming');
  });

  test('throws a ValidationError for an error that is not of the contract, and for a success that is not documented', async () => {
    const { sessions } = connect({ maxRetries: 0 });
    peer.answer = ({ response }) => Boolean(response.writeHead(502).end('<h1>Bad gateway</h1>'));
    await expect(sessions.get(SESSION)).rejects.toMatchObject({ name: 'ValidationError', raw: '<h1>Bad gateway</h1>' });
    peer.answer = ({ response }) => sendJson(response, 502, null);
    await expect(sessions.get(SESSION, { maxRetries: 1 })).rejects.toMatchObject({
      name: 'ValidationError',
      raw: null,
    });
    peer.answer = ({ response }) => sendJson(response, 202, {});
    await expect(sessions.get(SESSION)).rejects.toBeInstanceOf(ValidationError);
  });

  test('throws a ValidationError for a 204 and any other success that the operation does not document', async () => {
    const client = connect({ maxRetries: 0 });
    const session = await client.sessions.get(SESSION);
    const undocumented = { name: 'ValidationError', problems: [{ keyword: 'status' }] };
    for (const status of [201, 204, 205, 206]) {
      peer.answer = ({ response }) => Boolean(response.writeHead(status).end());
      await expect(session.refresh()).rejects.toMatchObject(undocumented);
      await expect(session.submit('Hello')).rejects.toMatchObject(undocumented);
      await expect(client.http.GET('/api/openapi.yaml', { parseAs: 'text' })).rejects.toMatchObject(undocumented);
      await expect(session.history().next()).rejects.toMatchObject({ name: 'ConnectionError', cause: undocumented });
    }
    for (const status of [200, 202]) {
      peer.answer = ({ response }) => sendJson(response, status, {});
      await expect(session.close()).rejects.toMatchObject(undocumented);
    }
    peer.answer = ({ response }) => Boolean(response.writeHead(204).end());
    await session.close();
    expect((await client.http.POST('/api/logout')).error).toBeUndefined();
  });

  test('throws a ServiceError with the request id, the details and Retry-After where it does not give it', async () => {
    peer.answer = ({ response }) => sendError(response, 429, 'TooManySessions', { 'Retry-After': '3600' });
    await expect(connect().sessions.create({ cwd: '/path' })).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'TooManySessions',
      status: 429,
      requestId: '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11',
      retryAfter: 3600,
    });
    expect(peer.requests).toHaveLength(1);
  });
});

describe('a call', () => {
  test('is repeated after retryable errors with the same key and body', async () => {
    failFirst(2, ({ response }) => sendError(response, 503, 'Unavailable'));
    const session = await connect().sessions.create({ cwd: '/path' });
    expect(session.id).toBe(SESSION);
    expect(peer.requests).toHaveLength(3);
    const keys = new Set(peer.requests.map(({ headers }) => headers['idempotency-key']));
    expect([...keys]).toEqual([expect.any(String)]);
    expect(new Set(peer.requests.map(({ body }) => body))).toEqual(new Set(['{"cwd":"/path"}']));
  });

  test('is repeated after a connection that broke before, within and after the headers', async () => {
    const breaks: Peer['answer'][] = [
      ({ response }) => Boolean(response.destroy()),
      ({ response }) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 5000 });
        response.write('{"session_id":', () => response.destroy());
        return true;
      },
      ({ response }) => {
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.write('{"session_id":', () => response.destroy());
        return true;
      },
    ];
    peer.answer = (request) => breaks.shift()?.(request) ?? false;
    expect((await connect().sessions.get(SESSION)).id).toBe(SESSION);
    expect(peer.requests).toHaveLength(4);
  });

  test.each([
    [400, 'InvalidRequest'],
    [409, 'IdempotencyConflict'],
    [401, 'Unauthorized'],
  ])('is not repeated after %d %s', async (status, code) => {
    peer.answer = ({ response }) => sendError(response, status, code);
    await expect(connect().sessions.create({ cwd: '/path' })).rejects.toMatchObject({ code });
    expect(peer.requests).toHaveLength(1);
  });

  test('is repeated as often as it says, and then gives the last error', async () => {
    peer.answer = ({ response }) => sendError(response, 503, 'Unavailable');
    const { sessions } = connect();
    await expect(sessions.get(SESSION, { maxRetries: 1 })).rejects.toMatchObject({ code: 'Unavailable' });
    expect(peer.requests).toHaveLength(2);
  });

  test('waits as long as Retry-After says, in seconds or until a date', async () => {
    const waits: unknown[] = [];
    const logger = { debug: (_: string, facts: unknown) => void waits.push(facts), warn: () => undefined };
    failFirst(1, ({ response }) => sendError(response, 429, 'TooManyRequests', { 'Retry-After': '1' }));
    await connect({ logger }).sessions.get(SESSION);
    expect(waits).toEqual([{ reason: '429', milliseconds: 1000 }]);
  });

  test.each(['11', '60'])('does not wait where the server asks for %s seconds', async (seconds) => {
    peer.answer = ({ response }) => sendError(response, 502, 'AgentUnavailable', { 'Retry-After': seconds });
    const error = { code: 'AgentUnavailable', retryAfter: Number(seconds) };
    await expect(connect().sessions.create({ cwd: '/path' })).rejects.toMatchObject(error);
    expect(peer.requests).toHaveLength(1);
  });

  test('waits 10 seconds in all, however often the server asks for less', async () => {
    const waits: unknown[] = [];
    const logger = { debug: (_: string, facts: unknown) => void waits.push(facts), warn: () => undefined };
    const asked = ['1', '10'];
    peer.answer = ({ response }) =>
      sendError(response, 429, 'TooManyRequests', { 'Retry-After': asked[peer.requests.length - 1]! });
    await expect(connect({ logger }).sessions.get(SESSION)).rejects.toMatchObject({ retryAfter: 10 });
    expect(waits).toEqual([{ reason: '429', milliseconds: 1000 }]);
  });

  test('throws a ConnectionError with its cause where nothing answers', async () => {
    const { sessions } = connect({ baseUrl: 'http://127.0.0.1:1', maxRetries: 1 });
    await expect(sessions.get(SESSION)).rejects.toMatchObject({
      name: 'ConnectionError',
      attempts: 2,
      cause: { message: 'fetch failed' },
    });
  });

  test('throws a ConnectionError whose cause is a TimeoutError after its time', async () => {
    peer.answer = () => true;
    const error = await connect()
      .sessions.get(SESSION, { timeout: 10, maxRetries: 0 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ cause: { name: 'TimeoutError' } });
  });

  test.each([
    ['an answer that never comes', () => undefined],
    ['an answer that stands still', (response: ServerResponse) => response.write('{"session_id":')],
  ])('gives up on %s, though garbage is collected meanwhile', async (_, begin) => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const stop = new AbortController();
    peer.answer = ({ response }) => {
      begin(response);
      const collecting = setInterval(collectGarbage, 20);
      response.on('close', () => clearInterval(collecting));
      if (peer.requests.length === 2) setTimeout(() => stop.abort(new Error('enough')), 200);
      return true;
    };
    const late = connect().sessions.get(SESSION, { timeout: 200, maxRetries: 0 });
    await expect(late).rejects.toMatchObject({ cause: { name: 'TimeoutError' } });
    await expect(connect().sessions.get(SESSION, { signal: stop.signal })).rejects.toThrow('enough');
  });

  test('throws the reason of its signal, also while it waits to be repeated', async () => {
    const stop = new AbortController();
    peer.answer = ({ response }) => {
      sendError(response, 503, 'Unavailable', { 'Retry-After': '9' });
      setImmediate(() => stop.abort(new Error('enough')));
      return true;
    };
    await expect(connect().sessions.get(SESSION, { signal: stop.signal })).rejects.toThrow('enough');
    await expect(connect().sessions.get(SESSION, { signal: stop.signal })).rejects.toThrow('enough');
    expect(peer.requests).toHaveLength(1);
  });

  test('takes the key that it is given, and else makes a UUID', async () => {
    const { sessions } = connect();
    await sessions.create({ cwd: '/path' }, { idempotencyKey: 'mine' });
    await sessions.create({ cwd: '/path' });
    await sessions.create({ cwd: '/path' });
    const [first, second, third] = peer.requests.map(({ headers }) => headers['idempotency-key']);
    expect(first).toBe('mine');
    expect(second).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(third).not.toBe(second);
  });

  test('goes through the fetch that it is given', async () => {
    const urls: string[] = [];
    const { sessions } = connect({
      fetch(url, init) {
        urls.push(url);
        return fetch(url, init);
      },
    });
    await sessions.get(SESSION);
    expect(urls).toEqual([`${peer.url}/api/sessions/${SESSION}`]);
  });
});
