import { once } from 'node:events';
import { afterAll, beforeAll, expect } from 'vitest';
import { attack } from './attack.js';
import { converse, HANDSHAKE, open, say, shakeHands, statusesIn, write } from './http.js';
import { type Parley, startParley } from './parley-process.js';

let parley: Parley;
let bearer: { Authorization: string };

beforeAll(async () => {
  parley = await startParley();
  bearer = { Authorization: `Bearer ${parley.token}` };
});
afterAll(() => parley.end());

/** A request that must not be seen: it would be answered 200. */
const hidden = () => write(parley.port, 'GET', '/api/health', {});

attack(
  'hides a request in the body of another by contradicting lengths',
  'behind a proxy, one user could put a request before that of the next user, with the credential of the latter',
  async () => {
    const { port } = parley;
    const smuggled = hidden();
    const variants: Record<string, string | readonly string[]>[] = [
      { 'Transfer-Encoding': 'chunked', 'Content-Length': '5' },
      { 'Transfer-Encoding': ['chunked', 'identity'] },
      { 'Transfer-Encoding': 'xchunked' },
      { 'Transfer-Encoding': 'chunked, gzip' },
      { 'Transfer-Encoding': '\u000bchunked' },
      { 'Transfer-Encoding ': 'chunked' },
      { 'Content-Length': ['0', '5'] },
      { 'Content-Length': '+5' },
      { 'Content-Length': '0x5' },
    ];
    for (const headers of variants) {
      const request = write(port, 'POST', '/api/login', {
        headers: {
          Connection: 'keep-alive',
          'Content-Length': null,
          'Content-Type': 'application/json',
          ...headers,
        } as never,
      });
      const statuses = statusesIn(await say(port, `${request}0\r\n\r\n${smuggled}`));
      expect.soft(statuses, JSON.stringify(headers)).toEqual([400]);
    }
  },
);

attack(
  'hides a request in a body that no operation reads',
  'the bytes of a body would be taken for the next request',
  async () => {
    const { port } = parley;
    for (const [method, path] of [
      ['GET', '/api/health'],
      ['GET', '/api/sessions'],
      ['POST', '/api/logout'],
      ['POST', '/api/sessions'],
      ['DELETE', '/api/none'],
    ] as const) {
      const request = write(port, method, path, { headers: { Connection: 'keep-alive' }, body: hidden() });
      const end = write(port, 'GET', '/api/none', { headers: bearer });
      const statuses = statusesIn(await say(port, request + end));
      expect.soft(statuses, `${method} ${path}`).toHaveLength(2);
      expect.soft(statuses[1], `${method} ${path}`).toBe(404);
    }
  },
);

attack(
  'hides a request behind an upgrade that the server does not take, or refuses',
  'behind a proxy that believes in the upgrade, requests would pass unseen by its rules',
  async () => {
    const { port } = parley;
    const refused = write(port, 'GET', '/api/sessions/x/events', { headers: { ...HANDSHAKE } });
    expect(statusesIn(await say(port, refused + hidden()))).toEqual([401]);
    // An offer of HTTP/2 is answered as the request that carries it; the connection stays HTTP/1.1, with all checks.
    const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk' };
    const offer = write(port, 'GET', '/api/sessions', { headers });
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    expect(statusesIn(await converse(port, [offer, preface]))).toEqual([401, 400]);
    const foreign = write(port, 'GET', '/api/health', { headers: { ...headers, Origin: 'https://evil.example' } });
    const last = write(port, 'GET', '/api/none', { headers: bearer });
    expect(statusesIn(await converse(port, [foreign, last]))).toEqual([403, 404]);
  },
);

attack(
  'offers HTTP/2 with a thousand requests of one connection',
  'each would leave something behind, until the server has no memory left',
  async () => {
    const { port } = parley;
    const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk' };
    const offer = write(port, 'GET', '/api/sessions', { headers });
    const end = write(port, 'GET', '/api/none', { headers: bearer });
    const statuses = statusesIn(await converse(port, [...new Array<string>(1_000).fill(offer), end]));
    expect(statuses).toEqual([...new Array(1_000).fill(401), 404]);
    expect(parley.log()).not.toMatch(/MaxListenersExceeded/);
  },
);

attack(
  'says twice whom a request is for, or from whom',
  'a proxy before the server would check one and the server believe the other',
  async () => {
    const { port } = parley;
    const own = `localhost:${port}`;
    const twice = [
      { Host: [own, 'evil.example'], ...bearer },
      { Host: ['evil.example', own], ...bearer },
      { Host: [own, own], ...bearer },
      { Authorization: [bearer.Authorization, 'Bearer other'] },
      { Authorization: ['Bearer other', bearer.Authorization] },
    ];
    for (const headers of twice) {
      expect
        .soft(await parley.send('GET', '/api/sessions', { headers }), JSON.stringify(headers))
        .toMatchObject({ status: 400 });
      expect.soft(await shakeHands(port, '/api/sessions/x/events', headers)).toMatchObject({ status: 400 });
    }
  },
);

attack(
  'names another host in the request line than in the Host header',
  'the check of the host would look at one name and a cache or proxy at another',
  async () => {
    const { port } = parley;
    for (const target of [
      `http://evil.example/api/sessions`,
      `http://localhost:${port}/api/sessions`,
      '//evil.example/api/sessions',
    ]) {
      expect.soft(await parley.send('GET', target), target).toMatchObject({ status: 404 });
      expect.soft(await parley.send('GET', target, { headers: {} }), target).toMatchObject({ status: 401 });
    }
    for (const target of ['*', 'evil.example:443', '\\\\evil.example\\x']) {
      expect.soft([400, 401, 404], target).toContain((await parley.send('GET', target, { headers: {} })).status);
    }
  },
);

attack(
  'has the server reach out or mirror: CONNECT, TRACE, and methods in other places',
  'the server would be a proxy into its network, or show headers to a script; or checks of the method would be passed by',
  async () => {
    const { port } = parley;
    expect(await say(port, `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: localhost\r\n\r\n${hidden()}`)).not.toMatch(
      / 200 /,
    );
    const traced = await parley.send('TRACE', '/api/sessions', { headers: { ...bearer, 'X-Secret': 'canary' } });
    expect(traced.status).toBe(405);
    expect(traced.text).not.toContain('canary');
    const session = await parley.createSession();
    for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
      await parley.send('GET', session, { headers: { ...bearer, [name]: 'DELETE' } });
      await parley.send('GET', `${session}?_method=DELETE`);
    }
    expect(JSON.parse((await parley.send('GET', session)).text)).toMatchObject({ status: 'idle' });
  },
);

attack(
  'writes operations in other ways: encoded, doubled, dotted, in capitals, with other separators',
  'a path that the credential check reads one way and the router another would be open',
  async () => {
    const session = await parley.createSession();
    const id = session.split('/').at(-1) ?? '';
    const paths = ['/api//sessions', '/api/sessions/', '/API/sessions', '/api/./sessions', '/api/health/../sessions'];
    paths.push(
      '/api/%73essions',
      '/api/sessions;x=1',
      '/api/sessions%2f',
      '/api/sessions%00',
      '/api\\sessions',
      '//api/sessions',
    );
    paths.push(
      `/api/sessions/${id}%2fpatch`,
      `/api/health/..%2fsessions`,
      `/api/login/..;/sessions`,
      `/./api/sessions`,
    );
    for (const path of paths) {
      expect.soft((await parley.send('GET', path, { headers: {} })).status, path).toBe(401);
      expect.soft((await parley.send('GET', path)).status, path).toBe(404);
    }
    // An id may be encoded; it is the same session then, with the same checks.
    const encoded = `/api/sessions/${[...id].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')}`;
    expect(await parley.send('GET', encoded)).toMatchObject({ status: 200 });
    expect(await parley.send('GET', encoded, { headers: {} })).toMatchObject({ status: 401 });
  },
);

attack(
  'puts line ends and other control characters into what comes back in headers',
  'an answer could be split: headers, cookies and pages of the attacker in the name of the server',
  async () => {
    const { port } = parley;
    const evil = [
      'a\r\nX-Injected: 1',
      'a\nX-Injected: 1',
      'a\rX-Injected: 1',
      'a\u0000X-Injected: 1',
      'a%0d%0aX-Injected:%201',
    ];
    for (const value of evil) {
      for (const name of [
        'Host',
        'Origin',
        'X-Request-Id',
        'Idempotency-Key',
        'X-Forwarded-Host',
        'Sec-WebSocket-Protocol',
      ]) {
        const headers = { ...bearer, [name]: value };
        const answer = await parley.send('POST', '/api/login', {
          headers,
          body: { token: parley.token, cookie: true },
        });
        expect.soft(answer.head, `${name} ${JSON.stringify(value)}`).not.toMatch(/^x-injected/im);
        expect.soft((await shakeHands(port, '/api/sessions/x/events', headers)).head).not.toMatch(/^x-injected/im);
      }
    }
    const body = { cwd: parley.project, title: 'a\r\nX-Injected: 1', metadata: { 'a\r\nb': '\r\n' } };
    const created = await parley.send('POST', '/api/sessions', { body });
    expect(created).toMatchObject({ status: 201, head: expect.not.stringMatching(/^x-injected/im) });
  },
);

attack(
  'says where the server is, in headers of a proxy that it has not',
  'links and cookies would be made for the host of the attacker',
  async () => {
    const headers = {
      ...bearer,
      ...{ 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '10.0.0.1' },
      Forwarded: 'host=evil.example;proto=https',
    };
    const { head, text } = await parley.send('POST', '/api/sessions', { headers, body: { cwd: parley.project } });
    expect(head + text).not.toContain('evil.example');
    expect(JSON.parse(text).http_url).toMatch(`http://localhost:${parley.port}/`);
  },
);

attack(
  'writes lines of its own into the log',
  'traces could be covered, and terminals that show the log be told to do things',
  async () => {
    const { port } = parley;
    const evil = '%0a{"level":30,"msg":"injected"}%1b[2J';
    await parley.send('GET', `/api/sessions/${evil}`);
    await say(port, `GET /api/\u001b[2Jinjected HTTP/1.1\r\nHost: localhost\r\n\u001b: x\r\n\r\n`);
    await parley.send('POST', '/api/sessions', { body: { cwd: `${parley.project}/\n{"msg":"injected"}\u001b[2J` } });
    for (const line of parley.log().trim().split('\n')) expect.soft(JSON.parse(line).msg).not.toBe('injected');
    expect(parley.log()).not.toContain('\u001b');
  },
);

attack(
  'breaks off everywhere: in the request line, the headers, the body, the handshake',
  'what is half done would stay, or the server would fall over',
  async () => {
    const { port } = parley;
    const whole = write(port, 'POST', '/api/sessions', { headers: bearer, body: { cwd: parley.project } });
    const shake = write(port, 'GET', '/api/sessions/x/events', { headers: { ...HANDSHAKE, ...bearer } });
    for (const text of [whole, shake]) {
      for (let at = 1; at < text.length; at += 7) {
        const socket = open(port);
        await once(socket, 'connect');
        socket.write(text.slice(0, at));
        socket.resetAndDestroy();
      }
    }
    expect(await parley.send('GET', '/api/health')).toMatchObject({ status: 200 });
    expect(parley.log()).not.toMatch(/"level":(50|60)/);
  },
);
