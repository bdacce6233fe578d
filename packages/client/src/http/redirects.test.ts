import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { SESSION } from '../../test/peer-session.js';
import { openSession, take } from '../../test/streams.js';
import { type Client, createClient } from '../create-client.js';

let peer: Peer;
let other: Peer;
let client: Client;
beforeEach(async () => {
  peer = await startPeer();
  other = await startPeer();
  client = createClient({ baseUrl: `${peer.url}/old`, token: 'secret', backoff: { base: 1, max: 5 } });
});
afterEach(async () => {
  await peer[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

/** The peer sends each request below `/old` to the same path below `target`. */
function redirect(status: number, target: string): void {
  peer.answer = ({ path, response }) => {
    if (!path.startsWith('/old')) return false;
    response.writeHead(status, { Location: target + path.slice('/old'.length) }).end('moved');
    return true;
  };
}

test.each([301, 302, 307, 308])(
  'a redirect within the origin is followed with method, key and body: %d',
  async (status) => {
    redirect(status, '');
    const session = await client.sessions.create({ cwd: '/path' });
    expect(session.id).toBe(SESSION);
    const [first, second] = peer.requests;
    expect([first?.path, second?.path]).toEqual(['/old/api/sessions', '/api/sessions']);
    expect(second).toMatchObject({ method: 'POST', body: '{"cwd":"/path"}' });
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    expect(second?.headers.authorization).toBe('Bearer secret');
    await client.http.DELETE('/api/sessions/{session_id}', { params: { path: { session_id: SESSION } } });
    expect(peer.requests.at(-1)?.method).toBe('DELETE');
  },
);

test.each([301, 307])('a redirect to another origin is named, and nothing goes there: %d', async (status) => {
  redirect(status, other.url);
  for (const call of [client.sessions.get(SESSION), client.sessions.create({ cwd: '/path' })]) {
    await expect(call).rejects.toMatchObject({
      name: 'ConnectionError',
      message: expect.stringContaining(`${peer.url} redirects to another origin, ${other.url}`),
      attempts: 1,
    });
  }
  expect(other.requests).toHaveLength(0);
});

test('a redirect that a fetch has followed to another origin by itself is named too', async () => {
  redirect(307, other.url);
  const following = createClient({
    baseUrl: `${peer.url}/old`,
    fetch: (url, init) => fetch(url, { ...init, redirect: 'follow' }),
  });
  await expect(following.sessions.get(SESSION)).rejects.toThrow(`redirects to another origin, ${other.url}`);
});

test('as browsers do, a fetch may not say where a redirect leads, and follow it when it is asked to', async () => {
  redirect(307, '');
  const asked: string[] = [];
  const browser = createClient({
    baseUrl: `${peer.url}/old`,
    async fetch(url, init) {
      asked.push(init.redirect);
      const response = await fetch(url, init);
      if (init.redirect === 'follow') return response;
      await response.arrayBuffer();
      return Object.defineProperties(Response.error(), { type: { value: 'opaqueredirect' } });
    },
  });
  expect((await browser.sessions.get(SESSION)).id).toBe(SESSION);
  expect(asked).toEqual(['manual', 'follow']);
});

test('a redirect without an end, and one that asks for something else, are no answers', async () => {
  redirect(307, '/old');
  const endless = client.sessions.get(SESSION, { maxRetries: 0 });
  await expect(endless).rejects.toThrow('more than 10 redirects');
  redirect(303, '');
  const elsewhere = client.sessions.create({ cwd: '/path' });
  await expect(elsewhere).rejects.toMatchObject({ name: 'ValidationError', problems: [{ keyword: 'status' }] });
});

test('a call may say itself what is done with redirects', async () => {
  redirect(307, '');
  const call = client.http.GET('/api/sessions', { redirect: 'error', maxRetries: 0 });
  await expect(call).rejects.toMatchObject({
    name: 'ConnectionError',
    cause: { cause: { message: 'unexpected redirect' } },
  });
});

test('a stream that was sent to another origin says so while it tries again', async () => {
  const session = await openSession(peer);
  peer.upgrade = (_, socket) => {
    socket.end(`HTTP/1.1 307 Temporary Redirect\r\nLocation: ${other.url}\r\nContent-Length: 0\r\n\r\n`);
    peer.upgrade = undefined;
    return true;
  };
  peer.answer = ({ path, response }) => {
    if (!path.endsWith('/events')) return false;
    response.writeHead(307, { Location: `${other.url}${path}` }).end();
    return true;
  };
  const errors: string[] = [];
  const onConnection = (state: { status: string; error?: Error }) =>
    void (state.error && errors.push(state.error.message));
  expect(await take(session.events({ after: 0, onConnection }), 1)).toEqual(['session_created']);
  expect(errors).toEqual([expect.stringContaining(`redirects to another origin, ${other.url}`)]);
});
