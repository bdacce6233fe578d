import { afterAll, beforeAll, expect } from 'vitest';
import { attack } from './attack.js';
import { send, shakeHands, type ToSend } from './http.js';
import { type Operation, readOperations } from './operations.js';
import { type Parley, startParley } from './parley-process.js';

const ALLOWED = 'https://app.example';
const EVIL = 'https://evil.example';

let parley: Parley;
let operations: readonly Operation[];
let session: string;
let bearer: { Authorization: string };
/** What a browser that has logged in sends along by itself. */
let cookie: { Cookie: string };

beforeAll(async () => {
  operations = await readOperations();
  parley = await startParley({ args: ['--allow-origin', ALLOWED] });
  session = await parley.createSession();
  bearer = { Authorization: `Bearer ${parley.token}` };
  const { head } = await parley.send('POST', '/api/login', {
    headers: { Origin: ALLOWED },
    body: { token: parley.token },
  });
  cookie = { Cookie: /^set-cookie: ([^;]+)/im.exec(head)?.[1] ?? '' };
});
afterAll(() => parley.end());

/** Sends the same to every operation and to the socket, and expects one status. */
async function expectEverywhere(status: number, headers: ToSend['headers'], { secured = false } = {}): Promise<void> {
  for (const operation of operations) {
    if (secured && !operation.secured) continue;
    const path = operation.path.replace('{session_id}', session.split('/').at(-1) ?? '');
    const { id, method, body } = operation;
    const answer = await parley.send(method, path, { headers, ...(body !== undefined && { body }) });
    expect.soft(answer.status, `${id} ${JSON.stringify(headers)}`).toBe(status);
    expect.soft(answer.head, id).not.toMatch(/access-control-allow-origin: (\*|https:\/\/evil)/i);
  }
  expect.soft(await shakeHands(parley.port, `${session}/events`, headers), 'the socket').toMatchObject({ status });
}

attack(
  'rebinds a name of its own to this address (Host), with whatever credential the browser has',
  'a web page would be of the same origin as the server, read everything and start agents',
  async () => {
    const { port } = parley;
    for (const Host of [`evil.example:${port}`, 'evil.example', `localhost.evil.example:${port}`, `0.0.0.0:${port}`]) {
      await expectEverywhere(403, { Host, ...bearer });
    }
    await expectEverywhere(403, { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}`, ...cookie });
  },
);

attack(
  'writes hosts that only look like this one: with a dot, a user, a path, numbers, brackets, nothing',
  'a check that reads hosts as no resolver does would let a rebound name pass',
  async () => {
    const { port } = parley;
    const hosts = ['localhost.', 'evil@localhost', 'localhost/', 'localhost:80:80', 'localhost#', '2130706433', ''];
    hosts.push('127.1', '0x7f.1', '[::ffff:127.0.0.1]', '[::]', '[::1', 'ｌocalhost', 'localhost,evil.example', '*');
    for (const host of hosts) {
      const { status } = await parley.send('GET', '/api/sessions', { headers: { Host: `${host}:${port}`, ...bearer } });
      expect.soft(status, host).toBe(403);
    }
    expect(await parley.send('GET', '/api/sessions', { headers: { Host: null, ...bearer } })).toMatchObject({
      status: 403,
    });
  },
);

attack(
  'sends requests and opens sockets from a page of a foreign origin, with the token or the cookie',
  'any page that the user visits could drive the agents of the machine',
  async () => {
    const { port } = parley;
    const origins = [EVIL, 'null', '', 'file://', `https://localhost:${port}`, `http://localhost:${port + 1}`];
    origins.push(
      `${ALLOWED}.evil.example`,
      `${ALLOWED}:8443`,
      'http://app.example',
      `${ALLOWED}/`,
      `${ALLOWED}, ${EVIL}`,
    );
    for (const Origin of origins) {
      await expectEverywhere(403, { Origin, ...bearer });
      await expectEverywhere(403, { Origin, ...cookie });
    }
  },
);

attack(
  'sends two Origin headers, an allowed one and its own',
  'a browser extension or proxy that adds a header would carry a foreign page in',
  async () => {
    await expectEverywhere(403, { Origin: [ALLOWED, EVIL], ...cookie });
    await expectEverywhere(403, { Origin: [EVIL, ALLOWED], ...cookie });
  },
);

attack(
  'asks in a preflight, from a foreign page, and whether it may reach the private network',
  'the browser would let the page send what it wants and read the answers',
  async () => {
    const preflight = {
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
      'Access-Control-Request-Private-Network': 'true',
    };
    for (const { path } of operations) {
      for (const Origin of [EVIL, 'null']) {
        const { status, head } = await parley.send('OPTIONS', path, { headers: { Origin, ...preflight } });
        expect.soft(status, path).toBe(403);
        expect.soft(head).not.toMatch(/^access-control-/im);
      }
    }
  },
);

attack(
  'posts a form or plain text from a foreign page, which needs no preflight, with the cookie of the user',
  'a page could submit to sessions, apply patches or log the user out, without reading an answer',
  async () => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', null];
    for (const { id, method, path, body } of operations.filter(({ method }) => method === 'POST')) {
      const target = path.replace('{session_id}', session.split('/').at(-1) ?? '');
      for (const type of types) {
        for (const Origin of [EVIL, 'null']) {
          const headers = { Origin, 'Content-Type': type, ...cookie };
          const answer = await parley.send(method, target, { headers, body: JSON.stringify(body ?? {}) });
          expect.soft(answer.status, `${id} ${type}`).toBe(403);
        }
      }
    }
    expect(await parley.send('GET', session)).toMatchObject({ status: 200 });
  },
);

attack(
  'posts with the cookie and leaves the Origin out',
  'what old browsers, plugins and links send without an Origin would count as the user',
  async () => {
    await expectEverywhere(401, cookie, { secured: true });
    await expectEverywhere(
      401,
      { ...cookie, Referer: `${ALLOWED}/`, 'Sec-Fetch-Site': 'same-origin' },
      { secured: true },
    );
  },
);

attack(
  'uses the cookie from another port of this machine: browsers send cookies to every port of a host',
  'any page of a development server on the machine would be logged in here',
  async () => {
    await expectEverywhere(403, { Origin: `http://localhost:${parley.port + 1}`, ...cookie });
    await expectEverywhere(403, { Origin: 'http://localhost', ...cookie });
  },
);

attack(
  'logs the user in to an account of its own by a form from a foreign page',
  'what the user then writes would be in sessions that the attacker reads',
  async () => {
    const body = JSON.stringify({ token: parley.token });
    const variants: ToSend['headers'][] = [
      { Origin: EVIL, 'Content-Type': 'text/plain' },
      { Origin: EVIL, 'Content-Type': 'application/json' },
      { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'application/x-www-form-urlencoded' },
    ];
    for (const headers of variants) {
      const { status, head } = await parley.send('POST', '/api/login', { headers, body });
      expect.soft([403, 415], JSON.stringify(headers)).toContain(status);
      expect.soft(head).not.toMatch(/^set-cookie/im);
    }
  },
);

attack(
  'reads the login cookie from a script, or has it sent from other sites',
  'one injected script would own the login for as long as it lasts',
  async () => {
    const { head } = await parley.send('POST', '/api/login', { headers: {}, body: { token: parley.token } });
    expect(head).toMatch(/^set-cookie: parley_login=\S+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict/im);
  },
);

attack(
  'reads answers from a foreign page where the operator allows all origins, with the cookie',
  'to allow all pages with tokens would also let all pages use the login of whoever visits them',
  async () => {
    const open = await startParley({ args: ['--allow-origin', '*'] });
    try {
      const login = await open.send('POST', '/api/login', { headers: {}, body: { token: open.token } });
      const headers = { Origin: EVIL, Cookie: /^set-cookie: ([^;]+)/im.exec(login.head)?.[1] ?? '' };
      const { status, head } = await send(open.port, 'GET', '/api/sessions', { headers });
      expect(status).toBe(401);
      expect(head).not.toMatch(/access-control-allow-credentials/i);
    } finally {
      await open.end();
    }
  },
);

attack(
  'frames an answer, has it sniffed as a page, or finds it in a cache',
  'what one user sees would be shown, run or kept where another can reach it',
  async () => {
    for (const path of ['/api/sessions', session, '/api/openapi.yaml', '/api/none', '/']) {
      const { head } = await parley.send('GET', path);
      expect.soft(head, path).toMatch(/^cache-control: no-store/im);
      expect.soft(head, path).toMatch(/^x-content-type-options: nosniff/im);
      expect.soft(head, path).toMatch(/^content-security-policy: .*default-src 'none'/im);
      expect.soft(head, path).toMatch(/^x-frame-options: (deny|sameorigin)/im);
      expect.soft(head, path).not.toMatch(/^(x-powered-by|server):/im);
      expect.soft(head, path).not.toMatch(/^content-type: text\/html/im);
    }
  },
);
