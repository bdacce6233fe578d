import { createConnection, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { startServer } from '../../test/start-server.js';
import { createToken } from '../auth/token-folder.js';

/** Opens a connection that sends what it is told and keeps all that comes. */
function open(url: string) {
  const socket: Socket = createConnection({ port: Number(new URL(url).port), host: '127.0.0.1' });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(received)));
  return { socket, closed };
}

/** A body of about 60,000 bytes that no operation takes. */
const large = { cwd: 'x'.repeat(60_000) };

const answerOf = (received: string) => {
  const [head = '', body = ''] = received.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body: body && JSON.parse(body) };
};

describe('the size of a request', () => {
  it('is bounded in its address: at the bound it passes, one past it is refused', async () => {
    const { send } = await startServer({ limits: { maxUrlBytes: 100 } });
    const path = `/api/${'x'.repeat(95)}`;
    expect((await send('GET', path)).status).toBe(404);
    const { status, body } = await send('GET', `${path}x`);
    expect([status, body.code]).toEqual([400, 'InvalidRequest']);
    expect(body.message).toMatch(/at most 100 bytes of path and query, got 101/);
  });

  it('is bounded in its body, and more so where no credential is asked for', async () => {
    const { send, sendAs } = await startServer({ limits: { maxBodyBytes: 8_192, maxPublicBodyBytes: 1_000 } });
    const statusOf = async (sent: Promise<{ status: number }>) => (await sent).status;
    const login = (bytes: number) =>
      sendAs({}, 'POST', '/api/login', { token: 'x'.repeat(bytes - '{"token":""}'.length) });
    expect([await statusOf(login(1_000)), await statusOf(login(1_001))]).toEqual([400, 413]);
    const create = (bytes: number) =>
      send('POST', '/api/sessions', { body: { cwd: 'x'.repeat(bytes - '{"cwd":""}'.length) } });
    expect([await statusOf(create(8_192)), await statusOf(create(8_193))]).toEqual([400, 413]);
  });

  it('is bounded in the number of headers', async () => {
    const { send } = await startServer({ limits: { maxHeaderCount: 12 } });
    // Beside Host, Authorization and Connection.
    const more = (count: number) => Object.fromEntries(Array.from({ length: count - 3 }, (_, n) => [`x-${n}`, '1']));
    expect((await send('GET', '/api/sessions', { headers: more(12) })).status).toBe(200);
    for (const count of [13, 400]) {
      const { status, body } = await send('GET', '/api/sessions', { headers: more(count) });
      expect([count, status, body.code]).toEqual([count, 400, 'InvalidRequest']);
      expect(body.message).toContain('at most 12 headers, got ');
    }
  });

  itInAll('is bounded in the bytes of its headers', async () => {
    const { url } = await startServer({ limits: { maxHeaderBytes: 1_000 } });
    const ask = async (bytes: number) => {
      const rest = bytes - '/api/healthHostlocalhostConnectioncloseX'.length;
      const { socket, closed } = open(url);
      socket.write(
        `GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: ${'x'.repeat(rest)}\r\n\r\n`,
      );
      return answerOf(await closed);
    };
    expect((await ask(1_000)).status).toBe(200);
    const { status, head, body } = await ask(1_001);
    expect([status, body.code]).toEqual([400, 'InvalidRequest']);
    expect(body.message).toContain('longer than this server takes');
    expect(head).toContain(`x-request-id: ${body.request_id}`);
    expect(head).toContain('x-content-type-options: nosniff');
  });

  it('is bounded in its body, whether its length is said beforehand or not', async () => {
    const { send, project } = await startServer({ limits: { maxBodyBytes: 1_000 } });
    const json = JSON.stringify({ cwd: project });
    const padded = (bytes: number) => json.padEnd(bytes, ' ');
    const framings: Record<string, string>[] = [{}, { 'transfer-encoding': 'chunked' }];
    for (const framing of framings) {
      const headers = { 'content-type': 'application/json', ...framing };
      expect((await send('POST', '/api/sessions', { headers, raw: padded(1_000) })).status).toBe(201);
      const { status, body } = await send('POST', '/api/sessions', { headers, raw: padded(1_001) });
      expect([status, body.code]).toEqual([413, 'PayloadTooLarge']);
    }
  });

  itInAll('has no number that would be given back as another one, and one charset', async () => {
    const { send, project } = await startServer();
    const type = (charset: string) => ({ 'content-type': `application/json; charset=${charset}` });
    const raw = (number: string) => `{"cwd":${JSON.stringify(project)},"metadata":{"a":[${number}]}}`;
    const large = await send('POST', '/api/sessions', { headers: type('utf-8'), raw: raw('-1e400') });
    expect([large.status, large.body.details]).toEqual([
      400,
      [{ pointer: '/body', message: 'expected numbers that a double can hold, got a larger one' }],
    ]);
    expect((await send('POST', '/api/sessions', { headers: type('utf-8'), raw: raw('1e300') })).status).toBe(201);
    const twice = await send('POST', '/api/sessions', { headers: type('utf-8; charset=utf-16'), raw: raw('1') });
    expect(twice.status).toBe(415);
  });

  itInAll('is bounded in its metadata', async () => {
    const { send, project } = await startServer({ limits: { maxMetadataBytes: 100 } });
    const create = (length: number) =>
      send('POST', '/api/sessions', { body: { cwd: project, metadata: { a: 'x'.repeat(length - 8) } } });
    expect((await create(100)).status).toBe(201);
    const { status, body } = await create(101);
    expect(status).toBe(400);
    expect(body.details).toEqual([
      { pointer: '/body/metadata', message: 'expected at most 100 bytes as JSON, got 101' },
    ]);
  });
});

describe('answers that Node would give by itself', () => {
  it.each([
    ['no Host', 'GET /api/health HTTP/1.1\r\nConnection: close\r\n\r\n', 403],
    [
      'an expectation of its own',
      'GET /api/health HTTP/1.1\r\nHost: localhost\r\nExpect: x\r\nConnection: close\r\n\r\n',
      200,
    ],
  ])('are those of the contract: %s', async (_, sent, expected) => {
    const { url } = await startServer();
    const { socket, closed } = open(url);
    socket.write(sent);
    const { status, head } = answerOf(await closed);
    expect(status).toBe(expected);
    expect(head).toMatch(/x-request-id: .*x-content-type-options: nosniff/s);
  });
});

describe('a page of history', () => {
  it('has no more events than the operator says, and tells where to go on', async () => {
    const { send, createSession } = await startServer({ limits: { maxHistoryPageEvents: 1 } });
    const session = await createSession();
    await send('POST', `${session}/submit`, { body: { type: 'interrupt' } });
    const { body } = await send('GET', `${session}/history?limit=1000`);
    expect(body.items.map(({ id }: { id: number }) => id)).toEqual([1]);
    expect(body.next_after).toBe(1);
    expect((await send('GET', `${session}/history?limit=1001`)).status).toBe(400);
  });

  itInAll('has no more bytes than the operator says, unless one event alone has more', async () => {
    const { send, createSession } = await startServer({ limits: { maxHistoryPageSize: 4_000 } });
    const session = await createSession();
    for (const length of [1_000, 1_000, 1_000, 1_000, 3_000]) {
      await send('POST', `${session}/submit`, { body: { type: 'user_message', content: '排'.repeat(length / 3) } });
    }
    await send('POST', `${session}/submit`, { body: { type: 'user_message', content: 'x'.repeat(5_000) } });
    await send('POST', `${session}/submit`, { body: { type: 'interrupt', clear_queue: true } });
    for (let after: number | null = 0; after !== null; ) {
      const { body } = await send('GET', `${session}/history?limit=1000&after=${after}`);
      if (body.items.length > 1) expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(4_000);
      expect(body.items[0].id).toBe(after + 1);
      after = body.next_after;
    }
  });
});

describe('connections', () => {
  it('are bounded for the server: one past the bound is closed, until another leaves', async () => {
    const { url } = await startServer({ limits: { maxTcpConnections: 1 } });
    const ask = 'GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const first = open(url);
    const second = open(url);
    expect(await second.closed).toBe('');
    first.socket.write(ask);
    expect(answerOf(await first.closed).status).toBe(200);
    await expect
      .poll(async () => {
        const next = open(url);
        next.socket.write(ask);
        return (await next.closed).slice(0, 12);
      })
      .toBe('HTTP/1.1 200');
  });
});

describe('the time that a client takes', () => {
  const limits = { headersTimeoutMs: 200, requestTimeoutMs: 400, keepAliveTimeoutMs: 200 };

  it.each([
    ['nothing at all', ''],
    ['a line without an end', 'GET /api/hea'],
    ['headers without an end', 'GET /api/health HTTP/1.1\r\nHost: localhost\r\n'],
    ['a handshake without an end', 'GET /api/sessions/x/events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n'],
  ])('is bounded for %s: an answer, and the connection is closed', async (_, sent) => {
    const { url } = await startServer({ limits });
    const { socket, closed } = open(url);
    socket.write(sent);
    const received = await closed;
    const { status, body } = answerOf(received);
    expect([status, body.code, body.message]).toEqual([400, 'InvalidRequest', 'The request did not come in time.']);
  });

  it('is bounded also for headers that trickle in', async () => {
    const { url } = await startServer({ limits });
    const { socket, closed } = open(url);
    socket.write('GET /api/health HTTP/1.1\r\n');
    const trickle = setInterval(() => socket.write('X: 1\r\n'), 20);
    const { status } = answerOf(await closed);
    clearInterval(trickle);
    expect(status).toBe(400);
  });

  itInAll('is bounded for a body, and a session is not harmed', async () => {
    const { url, bearer, createSession, send } = await startServer({ limits });
    const session = await createSession();
    const head = `POST ${session}/submit HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer.authorization}\r\n`;
    const { socket, closed } = open(url);
    socket.write(`${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`);
    const trickle = setInterval(() => socket.write(' '), 20);
    const { status, body } = answerOf(await closed);
    clearInterval(trickle);
    expect([status, body.message]).toEqual([400, 'The request did not come in time.']);
    expect((await send('GET', session)).status).toBe(200);
  });

  itInAll('is bounded for a body that nobody waits for any more: one answer, and no second one', async () => {
    const { url } = await startServer({ limits });
    const { socket, closed } = open(url);
    socket.write('POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n');
    const trickle = setInterval(() => socket.write(' '), 20);
    const received = await closed;
    clearInterval(trickle);
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401']);
  });

  itInAll('is bounded between two requests', async () => {
    const { url } = await startServer({ limits });
    const { socket, closed } = open(url);
    socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect((await closed).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  });
});

describe('what arrives at the same time', () => {
  /** Sends a POST of 60,000 bytes as far as its last byte. */
  const begin = async (url: string, headers: Record<string, string>, bytes = 60_000) => {
    const { socket, closed } = open(url);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const rest = `Content-Type: application/json\r\nContent-Length: ${bytes}\r\nConnection: close\r\n\r\n`;
    socket.write(`POST /api/sessions HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}${rest}${' '.repeat(bytes - 1)}`);
    return { socket, closed, finish: () => socket.write(' ') };
  };

  it('is bounded in bytes for each credential: small bodies and those of others pass', async () => {
    const limits = { maxIncomingBytes: 150_000, maxIncomingBytesPerCredential: 100_000 };
    const { url, bearer, send, sendAs, server } = await startServer({ limits });
    const { token } = await createToken(server.dataDir, { account: 'other', scope: 'control' });
    const other = { authorization: `Bearer ${token}` };
    const first = await begin(url, bearer);
    // Its bytes are there when those that were sent after them are refused.
    await expect
      .poll(async () => (await send('POST', '/api/sessions', { body: large })).body.code)
      .toBe('TooManyRequests');
    expect((await send('POST', '/api/sessions', { body: {} })).status).toBe(400);
    expect((await sendAs(other, 'POST', '/api/sessions', large)).status).toBe(400);
    first.socket.destroy();
    await expect.poll(async () => (await send('POST', '/api/sessions', { body: large })).status).toBe(400);
  });

  it('is bounded in requests for each credential; who has none is not counted', async () => {
    const { url, bearer, send, sendAs } = await startServer({ limits: { maxRequestsPerCredential: 2 } });
    const begun = [await begin(url, bearer), await begin(url, bearer)];
    await expect.poll(async () => (await send('GET', '/api/sessions')).body?.code).toBe('TooManyRequests');
    expect((await sendAs({}, 'GET', '/api/health')).status).toBe(200);
    begun[0]?.finish();
    expect(answerOf((await begun[0]?.closed) ?? '').status).toBe(400);
    await expect.poll(async () => (await send('GET', '/api/sessions')).status).toBe(200);
    begun[1]?.socket.destroy();
  });
});
