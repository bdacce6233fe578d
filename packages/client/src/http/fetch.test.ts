import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { SESSION } from '../../test/peer-session.js';
import { type Client, type ClientOptions, createClient } from '../create-client.js';
import type { FetchInit } from './fetch.js';

let peer: Peer;
beforeEach(async () => {
  peer = await startPeer();
});
afterEach(() => peer[Symbol.asyncDispose]());

function connect(options: Partial<ClientOptions>): Client {
  return createClient({ baseUrl: peer.url, token: 'secret', maxRetries: 0, ...options });
}

describe('a fetch of the application', () => {
  test('is called as browsers want it: as a function, and not as a method', async () => {
    let receiver: unknown = 'none';
    async function fetch(this: unknown, url: string, init: FetchInit): Promise<Response> {
      receiver = this;
      return globalThis.fetch(url, init);
    }
    await connect({ fetch }).sessions.get(SESSION);
    expect(receiver).toBeUndefined();
  });

  test('gets strings, and what the call says for it; nothing keeps the answer', async () => {
    const calls: [string, Partial<FetchInit>][] = [];
    const client = connect({
      fetch(url, { signal: _, ...init }) {
        calls.push([url, init]);
        return fetch(url, init);
      },
    });
    await client.sessions.create({ cwd: '/path' }, { idempotencyKey: 'mine', timeout: 5_000 });
    const own = { cache: 'force-cache', credentials: 'include', next: { revalidate: 60 } } as const;
    await client.http.GET('/api/sessions', { ...own, headers: { 'X-Trace': 'on' } });
    const authorization = 'Bearer secret';
    const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': 'mine' };
    const url = `${peer.url}/api/sessions`;
    expect(calls).toEqual([
      [url, { method: 'POST', headers, body: '{"cwd":"/path"}', cache: 'no-store', redirect: 'manual' }],
      [url, { method: 'GET', headers: { authorization, 'x-trace': 'on' }, ...own, redirect: 'manual' }],
    ]);
  });

  test('may fail with an error of another realm, which stays what it is', async () => {
    const foreign = runInNewContext("Object.assign(new TypeError('no way'), { cause: { code: 'ECONNREFUSED' } })");
    const call = connect({ fetch: () => Promise.reject(foreign) }).sessions.get(SESSION);
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ConnectionError', message: expect.stringMatching(/failed: no way$/) });
    expect(Object(error).cause).toBe(foreign);
  });

  test('may throw what is no error, at once', async () => {
    const fetch = () => runInNewContext("throw 'no network'");
    const cause = { message: 'no network', cause: 'no network' };
    await expect(connect({ fetch }).sessions.get(SESSION)).rejects.toMatchObject({ name: 'ConnectionError', cause });
  });
});

describe('a signal', () => {
  test('of another realm ends a call with its reason', async () => {
    const signal = new OtherSignal();
    peer.answer = () => {
      signal.abort(runInNewContext("new Error('enough')"));
      return true;
    };
    const call = connect({}).sessions.get(SESSION, { signal: signal as unknown as AbortSignal });
    expect(await call.catch((thrown: unknown) => thrown)).toBe(signal.reason);
  });

  test('stays with a request that a middleware puts in place of the call', async () => {
    const stop = new AbortController();
    peer.answer = () => {
      stop.abort(new Error('enough'));
      return true;
    };
    const client = connect({});
    client.http.use({ onRequest: ({ request }) => new Request(request, { headers: { 'X-Trace': 'on' } }) });
    await expect(client.sessions.get(SESSION, { signal: stop.signal })).rejects.toThrow('enough');
    expect(peer.requests[0]?.headers['x-trace']).toBe('on');
  });
});

/** A signal as other realms have them, such as the one of jsdom: it does the same, and is no instance of AbortSignal. */
class OtherSignal extends EventTarget {
  aborted = false;
  reason: unknown;

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event('abort'));
  }
}
