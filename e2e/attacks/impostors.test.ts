import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { attack } from './attack.js';
import { type Parley, startParley } from './parley-process.js';

/** The real server, whose data directory the commands are given. */
let parley: Parley;
beforeAll(async () => {
  parley = await startParley();
});
afterAll(() => parley.end());

/** A program that listens at a port and answers requests in its way. */
async function listen(host: string, port: number, answer: (to: IncomingMessage, with_: ServerResponse) => void) {
  const heard: string[] = [];
  const server: Server = createServer((asked, response) => {
    heard.push([asked.method, asked.url, JSON.stringify(asked.headers)].join(' '));
    asked.on('data', (bytes) => heard.push(String(bytes)));
    answer(asked, response);
  });
  server.on('upgrade', (asked, socket) => {
    heard.push(JSON.stringify(asked.headers));
    socket.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(port, host, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { heard, port: (server.address() as AddressInfo).port };
}

const json = (response: ServerResponse, body: unknown) =>
  void response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
const health = { status: 'healthy', timestamp: 1, session_count: 0, uptime: 1 };

/** Passes a request on to the real server, and its answer back. */
function relay(asked: IncomingMessage, response: ServerResponse): void {
  const headers = { ...asked.headers, host: `127.0.0.1:${parley.port}` };
  const { method, url } = asked;
  const passed = request({ host: '127.0.0.1', port: parley.port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    answer.pipe(response);
  });
  asked.pipe(passed);
}

/** What a command says, well or ill. */
const say = (...words: string[]) =>
  parley.cli(...words, '--data-dir', parley.dataDir).catch(({ stderr }: { stderr: string }) => stderr);

attack(
  'listens where a server did, with its pid and the time of its start, and answers what a server would or passes it on',
  'whoever is first at a port would be given the token of the owner, or the prompts of the user',
  async () => {
    const answers = [
      (_: IncomingMessage, response: ServerResponse) => json(response, health),
      (_: IncomingMessage, response: ServerResponse) => json(response, { ...health, proof: 'A'.repeat(43) }),
      (_: IncomingMessage, response: ServerResponse) => json(response, null),
      (_: IncomingMessage, response: ServerResponse) => json(response, { sessions: [], next_cursor: null }),
      (asked: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(307, { Location: `http://127.0.0.1:${parley.port}${asked.url}` }).end(),
      (_: IncomingMessage, response: ServerResponse) => response.end('x'.repeat(1_000_000)),
      relay,
    ];
    const file = join(parley.dataDir, 'server.json');
    const told = JSON.parse(await readFile(file, 'utf8'));
    onTestFinished(() => writeFile(file, JSON.stringify(told)));
    for (const answer of answers) {
      const { heard, port } = await listen('127.0.0.1', 0, answer);
      const url = `http://127.0.0.1:${port}`;
      // The pid and the time are those of a process that lives: as good as if they had been made to fit.
      await writeFile(file, JSON.stringify({ ...told, url }));
      const commands = [['sessions']];
      if (answer === relay) {
        commands.push(['sessions', '--token', 'parley_another_secret']);
        commands.push(['run', 'Do it.', '--server', url, '--cwd', parley.project]);
      }
      for (const command of commands) {
        expect.soft(await say(...command), command[0]).toMatch(/did not prove that it has the access token/);
      }
      expect(heard).toHaveLength(commands.length);
      expect(heard.filter((request) => !request.startsWith('GET /api/health?challenge='))).toEqual([]);
      expect(heard.join()).not.toMatch(/parley_|authorization/i);
    }
  },
);

attack(
  'listens at the port of the server at another address of the machine, and passes on what it is asked',
  'a name such as localhost, which has two addresses, would lead the token to whoever has taken the other',
  async () => {
    const { heard } = await listen('127.0.0.2', parley.port, relay);
    const led = await say('sessions', '--server', `http://127.0.0.2:${parley.port}`);
    expect(led).toMatch(/did not prove that it has the access token/);
    expect(heard).toHaveLength(1);
    expect(heard.join()).not.toMatch(/parley_|authorization/i);
    // The server itself does.
    expect(await say('sessions')).toContain('No sessions.');
  },
);

attack(
  'has the server answer challenges of its own, to learn the token or to have answers ready',
  'the proof would be good for somebody else, or say something about the token',
  async () => {
    const ask = (query: string) => parley.send('GET', `/api/health${query}`, { headers: {} });
    const challenge = 'A'.repeat(43);
    const [once, again, other] = [
      await ask(`?challenge=${challenge}`),
      await ask(`?challenge=${challenge}`),
      await ask(`?challenge=${'B'.repeat(43)}`),
    ].map(({ text }) => JSON.parse(text).proof);
    expect(once).toMatch(/^[\w-]{43}$/);
    expect(again).toBe(once);
    expect(other).not.toBe(once);
    // Neither the credential nor a part of what is proved can be chosen.
    for (const bad of [
      '',
      'A',
      'A'.repeat(42),
      'A'.repeat(44),
      'A'.repeat(42).concat('%0A'),
      `${challenge}&challenge=${challenge}`,
    ]) {
      expect.soft(await ask(`?challenge=${bad}`), bad).toMatchObject({ status: 400 });
    }
    expect(await parley.send('GET', '/api/sessions', { headers: { Authorization: `Bearer ${once}` } })).toMatchObject({
      status: 401,
    });
    expect(JSON.parse((await ask('')).text)).not.toHaveProperty('proof');
  },
);
