import { connect } from 'node:net';
import { RequestValidator } from 'express-openapi-validator/dist/middlewares/openapi.request.validator.js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startServer } from '../../test/start-server.js';

/** Sends text as it is and resolves with what came until the answer's end, or the end of the connection. */
function exchange(url: string, text: string, isAll: (received: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      received += chunk;
      if (isAll(received)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

const lines = (headers: Record<string, string>) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`);

/** What helmet sets, and that nothing is kept. */
const COMMON = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const hasBody = (received: string) => received.endsWith('}');

describe('the order of the checks', () => {
  it('is host and origin, 401, 404, 413 and 415, 400', async () => {
    const { sendAs, bearer } = await startServer();
    const codeOf = async (headers: Record<string, string>, path: string) =>
      (await sendAs(headers, 'POST', path, { no: 'contract' })).body.code;
    const path = '/api/sessions/none/submit';
    expect(await codeOf({ origin: 'https://evil.example' }, path)).toBe('Forbidden');
    expect(await codeOf({}, path)).toBe('Unauthorized');
    expect(await codeOf({}, '/api/none')).toBe('Unauthorized');
    expect(await codeOf(bearer, '/api/none')).toBe('NotFound');
    expect(await codeOf(bearer, path)).toBe('SessionNotFound');
    expect(await codeOf({ ...bearer, 'content-type': 'text/plain' }, '/api/sessions')).toBe('UnsupportedMediaType');
    expect(await codeOf(bearer, '/api/sessions')).toBe('InvalidRequest');
  });

  it('reads no body before the credential is good: the answer comes before the body does', async () => {
    const { url, token } = await startServer();
    const head = `POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n`;
    expect(await exchange(url, `${head}\r\n`, hasBody)).toMatch(/^HTTP\/1\.1 401 /);
    const asked = await exchange(url, `${head}Expect: 100-continue\r\n\r\n`, hasBody);
    expect(asked).toMatch(/^HTTP\/1\.1 401 /);
    const good = `${head}Authorization: Bearer ${token}\r\nExpect: 100-continue\r\n\r\n`;
    expect(await exchange(url, good, (received) => received.endsWith('\r\n\r\n'))).toBe(
      'HTTP/1.1 100 Continue\r\n\r\n',
    );
  });

  it('answers 413 before 415, without reading the body', async () => {
    const { url, token } = await startServer();
    const head = `POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
    const answer = await exchange(url, `${head}Content-Type: text/plain\r\nContent-Length: 10485760\r\n\r\n`, hasBody);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('the edges of HTTP', () => {
  it('never answers 304: the contract knows no such status', async () => {
    const { send } = await startServer();
    for (const path of ['/api/health', '/api/openapi.yaml', '/api/sessions']) {
      const headers = { 'if-none-match': '*', 'if-modified-since': new Date().toUTCString() };
      expect((await send('GET', path, { headers })).status).toBe(200);
    }
  });

  it('sends security headers and gives each request its own id, in the log too', async () => {
    const { send, lines } = await startServer();
    const one = await send('GET', '/api/sessions');
    const two = await send('GET', '/api/sessions', { headers: { 'x-request-id': 'mine' } });
    expect(one.headers['x-request-id']).not.toBe(two.headers['x-request-id']);
    expect(one.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(one.headers).not.toHaveProperty('x-powered-by');
    await expect.poll(() => lines.join('')).toContain(one.headers['x-request-id']);
  });

  it('sends the same headers in every answer, also for errors, refused handshakes and bytes that are not HTTP', async () => {
    const { url, send, sendAs, bearer, createSession } = await startServer();
    const session = await createSession();
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    const answers = [
      await send('GET', '/api/sessions'),
      await send('GET', '/api/none'),
      await sendAs({}, 'GET', '/api/sessions'),
      await sendAs({ origin: 'https://evil.example' }, 'GET', '/api/health'),
      await send('GET', `${session}/events`),
      await sendAs({ ...upgrade, ...key }, 'GET', `${session}/events`),
      await sendAs({ ...upgrade, ...bearer }, 'GET', `${session}/events`),
      await send('POST', '/api/sessions', { headers: { 'content-length': '99999999' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 401, 403, 426, 401, 400, 413]);
    const opened = await exchange(
      url,
      [`GET ${session}/events HTTP/1.1`, 'Host: localhost', ...lines({ ...upgrade, ...key, ...bearer }), '', ''].join(
        '\r\n',
      ),
      (received) => received.includes('\r\n\r\n'),
    );
    expect(opened).toMatch(/^HTTP\/1\.1 101 /);
    const garbage = await exchange(url, 'no HTTP at all\r\n\r\n', hasBody);
    const heads = [opened, garbage].map((received) => received.split('\r\n\r\n', 1)[0]?.toLowerCase() ?? '');
    for (const [name, value] of Object.entries(COMMON)) {
      for (const { headers } of answers) expect(headers).toHaveProperty(name, value);
      for (const head of heads) expect(head).toContain(`\r\n${name}: ${value.toLowerCase()}`);
    }
    const ids = answers.map(({ headers }) => headers['x-request-id']);
    expect(new Set(ids).size).toBe(answers.length);
    for (const { headers, body } of answers.slice(1)) expect(body.request_id).toBe(headers['x-request-id']);
    for (const head of heads) expect(head).toMatch(/\r\nx-request-id: [0-9a-f-]{36}/);
  });

  it('logs no secret, wherever a client puts it', async () => {
    const { sendAs, token, lines } = await startServer();
    await sendAs({ authorization: `Bearer ${token}` }, 'GET', '/api/sessions');
    await sendAs({ cookie: `parley_login=${token}` }, 'GET', '/api/sessions');
    await sendAs({}, 'GET', `/api/sessions?token=${token}`);
    await sendAs({}, 'POST', '/api/login', { token });
    await sendAs({}, 'POST', '/api/login', { token, extra: token });
    await expect.poll(() => lines.length).toBeGreaterThanOrEqual(5);
    expect(lines.join('')).not.toContain(token);
  });

  it('compiles the validators of an operation once, whatever Content-Type a client makes up', async () => {
    const { send, createSession } = await startServer();
    const session = await createSession();
    const sendEach = async (type: string) => {
      const headers = { 'content-type': type };
      expect((await send('POST', `${session}/submit`, { headers, raw: '{"type":"shout"}' })).status).toBe(400);
      expect((await send('POST', `${session}/apply_patch`, { headers, raw: '{}' })).status).toBe(409);
      expect((await send('POST', `${session}/apply_patch`, { headers })).status).toBe(409);
      expect((await send('GET', '/api/login/status', { headers })).status).toBe(200);
      expect((await send('GET', session, { headers })).status).toBe(200);
    };
    await sendEach('application/json');
    // Watched, not replaced: what express-openapi-validator calls when it has no validator yet.
    const compiled = vi.spyOn(RequestValidator.prototype as unknown as { buildMiddleware(): void }, 'buildMiddleware');
    onTestFinished(() => compiled.mockRestore());
    await sendEach('application/json; a=1');
    await sendEach('APPLICATION/json;charset=utf-8;b=2');
    expect(compiled).not.toHaveBeenCalled();
  });
});
