import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { handshake } from '../../test/handshake.js';
import { startServer } from '../../test/start-server.js';

const APP = 'https://app.example';
const EVIL = 'https://evil.example';

describe('pages of other sites', () => {
  it('cannot rebind a name of theirs to this server', async () => {
    const { sendAs, bearer, url } = await startServer({ allowHosts: ['parley.example', 'one.example:8443'] });
    const statusOf = async (host: string) => (await sendAs({ ...bearer, host }, 'GET', '/api/health')).status;
    const wrong = ['evil.example', 'localhost.evil.example', '10.0.0.1', 'one.example', 'one.example:80', 'a b'];
    // No URL could name the last of them.
    for (const host of [...wrong, 'localhost:65536']) {
      expect([host, await statusOf(host)]).toEqual([host, 403]);
    }
    for (const host of [
      'localhost:1',
      'localhost:65535',
      '127.0.0.1',
      '[::1]:8080',
      'parley.example',
      'PARLEY.example:99',
      'one.example:8443',
    ]) {
      expect([host, await statusOf(host)]).toEqual([host, 200]);
    }
    const socket = await handshake(`${url}/api/sessions/none/events`, { ...bearer, host: 'evil.example' });
    expect(socket.status).toBe(403);
  });

  it('may call an address by any of its numbers only where every address is bound', async () => {
    const { sendAs } = await startServer({ host: '0.0.0.0', allowHosts: ['parley.example'] });
    expect((await sendAs({ host: '192.168.1.5:8080' }, 'GET', '/api/health')).status).toBe(200);
    expect((await sendAs({ host: 'evil.example' }, 'GET', '/api/health')).status).toBe(403);
  });

  it('get no answer that they can read, whatever credential they have, nor a socket', async () => {
    const { sendAs, bearer, url, createSession } = await startServer({ allowOrigins: [APP] });
    const session = await createSession();
    for (const origin of [EVIL, 'null', `${APP}.evil.example`, 'http://app.example', `${APP}:8443`]) {
      const { status, headers, body } = await sendAs({ ...bearer, origin }, 'GET', '/api/sessions');
      expect([origin, status, body.code]).toEqual([origin, 403, 'Forbidden']);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect((await handshake(`${url}${session}/events`, { ...bearer, origin })).status).toBe(403);
    }
    const preflight = await sendAs(
      { origin: EVIL, 'access-control-request-method': 'POST' },
      'OPTIONS',
      '/api/sessions',
    );
    expect(preflight.status).toBe(403);
  });
});

describe('pages of an allowed origin', () => {
  it('may ask first, send what they need, and read the answer, errors too', async () => {
    const { sendAs, bearer } = await startServer({ allowOrigins: [APP] });
    const preflight = await sendAs(
      { origin: APP, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      'OPTIONS',
      '/api/sessions',
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key',
      vary: 'Origin',
    });
    for (const headers of [bearer, {}]) {
      const answer = await sendAs({ ...headers, origin: APP }, 'GET', '/api/sessions');
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': APP,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': expect.stringContaining('X-Request-Id'),
      });
    }
  });

  it('may be those of the server itself and of its public URL', async () => {
    const { sendAs, url } = await startServer({ publicUrl: 'https://parley.example/base/' });
    for (const origin of [url, 'https://parley.example']) {
      const headers = { origin, host: new URL(url).host };
      expect((await sendAs(headers, 'GET', '/api/health')).status).toBe(200);
    }
  });
});

describe('the login cookie', () => {
  it('counts only with an origin that is named exactly', async () => {
    const { sendAs, token } = await startServer({ allowOrigins: [APP, '*'] });
    const login = await sendAs({ origin: APP }, 'POST', '/api/login', { token });
    const [header = ''] = login.headers['set-cookie'] ?? [];
    expect(header).toMatch(/^parley_login=parley_login_\S+; Max-Age=86400; Path=\/; HttpOnly; SameSite=Strict$/);
    const cookie = `other=1; ${header.split(';', 1)[0]}`;
    expect((await sendAs({ cookie, origin: APP }, 'GET', '/api/sessions')).status).toBe(200);
    expect((await sendAs({ cookie, origin: EVIL }, 'GET', '/api/sessions')).status).toBe(401);
    expect((await sendAs({ cookie }, 'GET', '/api/sessions')).status).toBe(401);
    const open = await sendAs({ cookie, origin: EVIL }, 'GET', '/api/health');
    expect(open.headers).not.toHaveProperty('access-control-allow-credentials');
    const logout = await sendAs({ cookie, origin: APP }, 'POST', '/api/logout');
    expect([logout.status, logout.headers['set-cookie']?.[0]]).toEqual([
      204,
      expect.stringMatching(/^parley_login=; Max-Age=0;/),
    ]);
    expect((await sendAs({ cookie, origin: APP }, 'GET', '/api/sessions')).status).toBe(401);
  });

  it('is Secure behind TLS, and left out on request', async () => {
    const { sendAs, token } = await startServer({ publicUrl: 'https://parley.example' });
    const login = await sendAs({}, 'POST', '/api/login', { token });
    expect(login.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
    const without = await sendAs({}, 'POST', '/api/login', { token, cookie: false });
    expect(without.headers).not.toHaveProperty('set-cookie');
  });
});

describe('credentials', () => {
  it('are the access token and its logins, in the header or as a subprotocol of a socket, never in a URL', async () => {
    const { sendAs, token, url, createSession } = await startServer();
    const events = `${url}${await createSession()}/events`;
    for (const authorization of [`Bearer ${token}x`, 'Bearer', 'Bearer ', `Basic ${token}`, token]) {
      const { status, headers } = await sendAs({ authorization }, 'GET', '/api/sessions');
      expect([authorization, status, headers['www-authenticate']]).toEqual([authorization, 401, 'Bearer']);
    }
    expect((await sendAs({}, 'GET', `/api/sessions?access_token=${token}`)).status).toBe(401);
    expect((await handshake(`${events}?access_token=${token}`, {})).status).toBe(401);
    expect((await handshake(events, {}, ['parley.v1', 'parley.bearer.wrong'])).status).toBe(401);
    const { status, socket } = await handshake(events, {}, ['parley.v1', `parley.bearer.${token}`]);
    expect([status, socket.protocol]).toEqual(['open', 'parley.v1']);
    socket.close();
  });

  it('exchange for a login that ends, with its sockets, and never for one made of a login', async () => {
    const { sendAs, token, url, createSession, bearer } = await startServer();
    const session = await createSession();
    const { body } = await sendAs({}, 'POST', '/api/login', { token });
    expect(body).toMatchObject({ token_type: 'Bearer', account: 'owner', scope: 'control' });
    const login = { authorization: `Bearer ${body.access_token}` };
    expect((await sendAs(login, 'GET', '/api/login/status')).body).toEqual({
      authenticated: true,
      account: 'owner',
      scope: 'control',
      expires_at: body.expires_at,
    });
    expect((await sendAs({}, 'POST', '/api/login', { token: body.access_token })).status).toBe(401);
    const { socket } = await handshake(`${url}${session}/events`, login);
    const owner = await handshake(`${url}${session}/events`, bearer);
    const closed = once(socket, 'close');
    expect((await sendAs(login, 'POST', '/api/logout')).status).toBe(204);
    expect((await closed)[0]).toBe(4401);
    expect(owner.socket.readyState).toBe(WebSocket.OPEN);
    expect((await sendAs(login, 'GET', session)).status).toBe(401);
    expect((await sendAs(bearer, 'POST', '/api/logout')).status).toBe(204);
    expect((await sendAs(bearer, 'GET', session)).status).toBe(200);
    owner.socket.close();
  });

  it('that are wrong are slowed down, and never lock the owner out', async () => {
    const { sendAs, token } = await startServer();
    const fail = () => sendAs({}, 'POST', '/api/login', { token: 'parley_guess' });
    let attempts = 0;
    let refused = await fail();
    while (refused.status === 401 && attempts < 1_000) {
      attempts += 1;
      refused = await fail();
    }
    expect(attempts).toBeGreaterThanOrEqual(20);
    expect([refused.status, refused.body.code]).toEqual([429, 'TooManyRequests']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await sendAs({}, 'POST', '/api/login', { token })).status).toBe(200);
  });

  it('are not needed for health, the login, its status and the documents', async () => {
    const { sendAs, bearer } = await startServer();
    const wrong = { authorization: 'Bearer wrong' };
    const none = { authenticated: false, account: null, scope: null, expires_at: null };
    expect((await sendAs(wrong, 'GET', '/api/login/status')).body).toEqual(none);
    expect((await sendAs({}, 'GET', '/api/login/status')).body).toEqual(none);
    expect(Object.keys((await sendAs({}, 'GET', '/api/health')).body)).toEqual([
      'status',
      'timestamp',
      'session_count',
      'uptime',
    ]);
    expect((await sendAs(bearer, 'GET', '/api/health')).body.version).toMatch(/^\d+\.\d+\.\d+/);
    for (const name of ['openapi', 'asyncapi']) {
      const { status, headers, text } = await sendAs({}, 'GET', `/api/${name}.yaml`);
      expect([status, headers['content-type']]).toEqual([200, 'application/yaml; charset=utf-8']);
      expect(text).toMatch(new RegExp(`^${name}: \\d`));
    }
  });
});
