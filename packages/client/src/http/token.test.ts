import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { sendError } from '../../test/peer-answers.js';
import { SESSION } from '../../test/peer-session.js';
import { type Client, createClient } from '../create-client.js';
import type { TokenSource } from './token.js';

let peer: Peer;
beforeEach(async () => {
  peer = await startPeer();
});
afterEach(() => peer[Symbol.asyncDispose]());

function connect({ token }: { readonly token: TokenSource | undefined }): Client {
  return createClient({ baseUrl: peer.url, token });
}

describe('the credential of a call', () => {
  test('is asked of a token function before each attempt, and once more after 401', async () => {
    let asked = 0;
    const { sessions } = connect({ token: async () => `token-${++asked}` });
    peer.answer = ({ response }) => peer.requests.length === 1 && sendError(response, 401, 'Unauthorized');
    await sessions.get(SESSION);
    expect(peer.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
    peer.answer = ({ response }) => sendError(response, 401, 'Unauthorized');
    await expect(sessions.get(SESSION)).rejects.toMatchObject({ code: 'Unauthorized' });
    expect(peer.requests).toHaveLength(4);
  });

  test('is waited for until the signal is aborted, and may fail', async () => {
    const stop = new AbortController();
    const silent = connect({ token: () => new Promise(() => setImmediate(() => stop.abort(new Error('enough')))) });
    await expect(silent.sessions.get(SESSION, { signal: stop.signal })).rejects.toThrow('enough');
    const failing = connect({ token: () => Promise.reject(new Error('no token')) });
    await expect(failing.sessions.get(SESSION)).rejects.toThrow('no token');
    expect(peer.requests).toHaveLength(0);
  });

  test('may come from a function that gives a string at once, for calls and sockets alike', async () => {
    const session = await connect({ token: () => 'at-once' }).sessions.get(SESSION);
    await session.events({ after: 0 }).next();
    expect(peer.requests.at(-1)?.headers.authorization).toBe('Bearer at-once');
    expect(peer.sockets.at(-1)?.protocols).toEqual(['parley.v1', 'parley.bearer.at-once']);
  });

  test('is not sent where it is none, and not repeated in the error', async () => {
    const tokens: unknown[] = [() => undefined, async () => null, () => 5, () => 'sec\nret', 'sec\u2028ret'];
    for (const token of tokens as TokenSource[]) {
      const call = connect({ token }).sessions.get(SESSION);
      await expect(call).rejects.toBeInstanceOf(TypeError);
      await expect(call).rejects.toThrow(/token.*: expected/);
      await expect(call).rejects.not.toThrow('ret');
    }
    const throwing = () => {
      throw new Error('no token');
    };
    await expect(connect({ token: throwing }).sessions.get(SESSION)).rejects.toThrow('no token');
    expect(peer.requests).toHaveLength(0);
  });

  test('is left out where there is none', async () => {
    await connect({ token: undefined }).http.GET('/api/sessions');
    expect(peer.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('may come from a file, with a line break behind it, for calls and sockets alike', async () => {
    for (const token of ['secret\n', async () => 'secret\n']) {
      const session = await connect({ token }).sessions.get(SESSION);
      await session.events({ after: 0 }).next();
      expect(peer.requests.at(-1)?.headers.authorization).toBe('Bearer secret');
      expect(peer.sockets.at(-1)?.protocols).toEqual(['parley.v1', 'parley.bearer.secret']);
    }
  });
});
