import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@parleyhq/client';
import { expect, it } from 'vitest';
import { runParley, temporaryFolder } from '../../test/run-parley.js';

const LEAKY = fileURLToPath(new URL('../../test/leaky-agent.mjs', import.meta.url));

const canary = (name: string) => `${name}-${randomBytes(16).toString('hex')}`;

/** What a wrong client sends, and what the environment holds. Nothing that the server writes may have any of it. */
const planted = {
  authorization: canary('authorization'),
  basic: canary('basic'),
  cookie: canary('cookie'),
  subprotocol: canary('subprotocol'),
  query: canary('query'),
  path: canary('path'),
  login: canary('login'),
  body: canary('body'),
  malformed: canary('malformed'),
  header: canary('header'),
  anthropic: canary('sk-ant-api03'),
  openai: canary('sk-proj'),
  unlisted: canary('unlisted'),
};

/** Everything that came over a connection, as bytes. */
function raw(port: number, text: string, enough: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1').on('data', (piece) => {
      got += piece;
      if (enough.test(got)) socket.destroy();
    });
    socket.on('error', reject).on('close', () => resolve(got));
  });
}

const upgrade = (path: string, ...headers: string[]) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
    '\r\n',
  ].join('\r\n');

async function startLeaky() {
  const { folder, project, data } = await temporaryFolder();
  const cassettes = join(folder, 'cassettes');
  const config = join(folder, 'parley.yaml');
  const agent = { command: process.execPath, pass_env: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'LEAKY_STEALS'] };
  const agents = [
    { name: 'leaky', args: [LEAKY], ...agent },
    { name: 'fails', args: [LEAKY, 'fails'], ...agent },
  ];
  writeFileSync(config, JSON.stringify({ agents, agent: 'leaky' }));
  const options = [
    '--port',
    '0',
    '--data-dir',
    data,
    '--config',
    config,
    '--record',
    cassettes,
    '--log-level',
    'trace',
  ];
  const running = runParley(['serve', ...options], {
    cwd: project,
    env: {
      ANTHROPIC_API_KEY: planted.anthropic,
      OPENAI_API_KEY: planted.openai,
      UNLISTED_TOKEN: planted.unlisted,
      LEAKY_STEALS: join(data, 'access-token'),
    },
  });
  const [, url = ''] = await running.said('stdout', /listening at (http:\/\/\S+)/);
  const token = readFileSync(join(data, 'access-token'), 'utf8').trim();
  return { ...running, folder, project, data, cassettes, url, port: Number(new URL(url).port), token };
}

/** The text of all files of a folder, a character a byte. */
function everything(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, text: readFileSync(path, 'latin1') }));
}

it('no secret is in anything that the server writes, whichever way it came in', async () => {
  const server = await startLeaky();
  const { url, port, project, token } = server;
  const answers: { path: string; text: string }[] = [];
  const keep = (path: string, text: string) => void answers.push({ path, text });

  /** Sends a request as it is; gives the body. */
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<{ status: number; body: string; setCookie: string }>((resolve, reject) => {
      const sent = request(url + path, { method, headers }, (response) => {
        let got = '';
        response.setEncoding('latin1').on('data', (piece) => {
          got += piece;
        });
        response.on('end', () => {
          if (path !== '/api/login' || response.statusCode !== 200) {
            keep(`${method} ${path}`, `${JSON.stringify(response.rawHeaders)}\n${got}`);
          }
          const [setCookie = ''] = response.headers['set-cookie'] ?? [];
          resolve({ status: response.statusCode ?? 0, body: got, setCookie });
        });
      });
      sent.on('error', reject).end(body);
    });

  const bearer = { authorization: `Bearer ${token}` };
  const json = { 'content-type': 'application/json' };
  const post = (path: string, body: unknown, headers = {}) =>
    send('POST', path, { ...bearer, ...json, ...headers }, typeof body === 'string' ? body : JSON.stringify(body));

  // Wrong credentials, in every place for them.
  const wrong: Record<string, string>[] = [
    { authorization: `Bearer ${planted.authorization}` },
    { authorization: `Basic ${planted.basic}` },
    { cookie: `parley_login=${planted.cookie}`, origin: url },
    { cookie: `parley_login=${planted.cookie}` },
    { 'sec-websocket-protocol': `parley.v1, parley.bearer.${planted.subprotocol}` },
  ];
  for (const headers of wrong) {
    expect((await send('GET', '/api/sessions', headers)).status).toBe(401);
    expect((await send('GET', '/api/login/status', headers)).status).toBe(200);
  }
  expect((await post('/api/login', { token: planted.login })).status).toBe(401);

  // A token where it does not belong.
  for (const path of [
    `/api/sessions?token=${planted.query}&access_token=${token}`,
    `/api/health?authorization=${planted.query}`,
    `/api/sessions/${planted.path}/history?after=${planted.query}`,
    `/${planted.path}`,
    `/api/sessions/${token}`,
  ]) {
    await send('GET', path, bearer);
    await send('GET', path);
  }
  for (const body of [
    `{"token": ${planted.malformed}`,
    `${planted.malformed}`,
    `{"token": "${planted.malformed}", }`,
    JSON.stringify({ cwd: project, api_key: planted.body }),
  ]) {
    expect((await post('/api/sessions', body)).status).toBe(400);
    expect((await post('/api/login', body)).status).toBe(400);
  }
  await post('/api/sessions', {}, { 'x-request-id': planted.header, 'x-api-key': planted.header });
  const broken = `GET /api/sessions HTTP/1.1\r\nAuthorization: Bearer ${planted.authorization}\r\nno header\r\n\r\n`;
  keep('broken HTTP', await raw(port, broken, /\r\n\r\n\{.*\}/s));
  const long = `GET /?${planted.query} HTTP/1.1\r\nCookie: ${planted.cookie.repeat(1_000)}\r\n\r\n`;
  keep('a header that is too long', await raw(port, long, /\r\n\r\n\{.*\}/s));

  // Agents that cannot start, that tell what they know, and that die of it.
  expect((await post('/api/sessions', { cwd: project, agent: 'fails' })).status).toBe(502);
  const client = createClient({ baseUrl: url, token });
  const session = await client.sessions.create({ cwd: project });
  const events = `/api/sessions/${session.id}/events`;
  for (const message of ['tell', 'ask', 'steal', 'die', 'tell']) {
    const turn = await session.submit(message);
    for await (const event of turn) {
      if (event.type === 'approval_requested') await session.approve(event.approval, 'reject_once');
    }
  }
  const history = await send('GET', `/api/sessions/${session.id}/history?limit=1000`, bearer);
  expect(history.body).toContain('ANTHROPIC_API_KEY=[redacted]');
  await send('GET', `/api/sessions/${session.id}`, bearer);
  await send('GET', '/api/sessions', bearer);

  // Logins and sockets, good ones and bad ones.
  const login = await post('/api/login', { token });
  const { access_token: loginToken }: { access_token: string } = JSON.parse(login.body);
  const cookie = login.setCookie.split(';', 1)[0] ?? '';
  expect(cookie).toContain(loginToken);
  const enough = /connection_ack[\s\S]*"type":"event"/;
  const host = [`Host: 127.0.0.1:${port}`];
  for (const [path, ...headers] of [
    [events, `Authorization: Bearer ${planted.authorization}`],
    [events, `Cookie: parley_login=${planted.cookie}`, `Origin: ${url}`],
    [events, `Sec-WebSocket-Protocol: parley.v1, parley.bearer.${planted.subprotocol}`],
    [`${events}?token=${token}`],
    [`/api/sessions/${planted.path}/events?since_event_id=0`, `Authorization: Bearer ${token}`],
    [`${events}?since_event_id=${planted.query}`, `Authorization: Bearer ${token}`],
  ] as [string, ...string[]][]) {
    const text = upgrade(path, ...headers).replace('Host: 127.0.0.1', host[0] ?? '');
    keep(`a socket at ${path}`, await raw(port, text, /\r\n\r\n\{.*\}/s));
  }
  for (const headers of [
    [`Sec-WebSocket-Protocol: parley.v1, parley.bearer.${token}`],
    [`Sec-WebSocket-Protocol: parley.v1, parley.bearer.${loginToken}`],
    [`Cookie: ${cookie}`, `Origin: ${url}`],
  ]) {
    const text = upgrade(`${events}?since_event_id=0`, ...headers).replace('Host: 127.0.0.1', host[0] ?? '');
    const got = await raw(port, text, enough);
    expect(got).toContain('connection_ack');
    keep('a socket', got);
  }
  expect((await send('GET', '/api/sessions', { cookie, origin: url })).status).toBe(200);
  expect((await send('POST', '/api/logout', { cookie, origin: url })).status).toBe(204);

  server.child.kill('SIGTERM');
  const { code, stdout, stderr } = await server.ended;
  expect(code).toBe(0);
  const secrets = { ...planted, token, loginToken };
  const written = [
    ...answers,
    { path: 'stdout', text: stdout },
    { path: 'stderr', text: stderr },
    ...everything(server.data).filter(({ path }) => path !== join(server.data, 'access-token')),
    ...everything(server.cassettes),
  ];
  // Otherwise the search below would find nothing because nothing was there.
  expect(everything(server.cassettes).length).toBeGreaterThanOrEqual(3);
  expect(stderr).toContain('"operation":"createSession"');
  const found = written.flatMap(({ path, text }) =>
    Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [`${name} in ${path}`] : [])),
  );
  expect(found).toEqual([]);
});
