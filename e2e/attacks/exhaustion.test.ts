import { once } from 'node:events';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from 'vitest';
import { attack } from './attack.js';
import { open, say, write } from './http.js';
import { growthOf } from './memory.js';
import { type Parley, startParley } from './parley-process.js';

let parley: Parley;
let bearer: { Authorization: string };

beforeAll(async () => {
  parley = await startParley();
  bearer = { Authorization: `Bearer ${parley.token}` };
  await parley.createSession();
});
afterAll(() => parley.end());

attack(
  'sends thousands of requests, each with a Content-Type of its own',
  'the validator keeps ten kilobytes for each that it sees, for ever: a remote memory leak',
  async () => {
    const body = JSON.stringify({ token: `parley_${'A'.repeat(43)}` });
    const send = async (from: number, to: number) => {
      for (let start = from; start < to; start += 500) {
        const requests = Array.from({ length: 500 }, (_, index) => {
          const headers = { Connection: 'keep-alive', 'Content-Type': `application/json; v=${start + index}` };
          const get = write(parley.port, 'GET', '/api/health', { headers });
          return get + write(parley.port, 'POST', '/api/login', { headers, body });
        });
        await say(parley.port, requests.join('') + write(parley.port, 'GET', '/api/none', {}));
      }
    };
    await send(0, 2_000);
    expect(await growthOf(parley.pid, () => send(2_000, 8_000))).toBeLessThan(60);
  },
);

attack('sends a body that unpacks to a gigabyte', 'a kilobyte of traffic would cost a gigabyte of memory', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1_048_576)).toString('latin1');
  const growth = await growthOf(parley.pid, async () => {
    for (const encoding of ['gzip', 'deflate', 'br', 'x-gzip', 'zstd', 'gzip, gzip', 'identity, gzip']) {
      const headers = { ...bearer, 'Content-Type': 'application/json', 'Content-Encoding': encoding };
      const answer = await parley.send('POST', '/api/sessions', { headers, body: bomb });
      expect.soft(answer.status, encoding).toBe(415);
    }
    const headers = {
      ...bearer,
      'Content-Type': 'application/json',
      'Content-Length': null,
      'Transfer-Encoding': 'gzip, chunked',
    };
    expect.soft((await parley.send('POST', '/api/sessions', { headers, body: '0\r\n\r\n' })).status).toBeLessThan(500);
  });
  expect(growth).toBeLessThan(64);
});

attack(
  'sends a body in a million chunks of one byte to the login, which takes one without a credential',
  'each byte would cost the server two hundred, many times at once, for anybody',
  async () => {
    const growth = await growthOf(parley.pid, async () => {
      const headers = { 'Content-Length': null, 'Transfer-Encoding': 'chunked', 'Content-Type': 'application/json' };
      const head = write(parley.port, 'POST', '/api/login', { headers });
      const chunks = '1\r\n \r\n'.repeat(1_000_000);
      const answers = await Promise.all(new Array(4).fill(0).map(() => say(parley.port, `${head}${chunks}0\r\n\r\n`)));
      for (const answer of answers) expect.soft(answer).toMatch(/^HTTP\/1\.1 413/);
    });
    expect(growth).toBeLessThan(200);
  },
);

attack(
  'leaves hundreds of logins unfinished, each a byte short of a megabyte',
  'whoever has no credential would fill the memory with what nobody will ever read',
  async () => {
    const head = { 'Content-Type': 'application/json', 'Content-Length': null, 'Transfer-Encoding': 'chunked' };
    const body = `fffff\r\n${'a'.repeat(1_048_575)}\r\n`;
    const growth = await growthOf(parley.pid, async () => {
      const sockets = Array.from({ length: 400 }, () => open(parley.port));
      const answers = sockets.map(async (socket) => {
        socket.write(write(parley.port, 'POST', '/api/login', { headers: head, body }));
        const [piece] = await once(socket, 'data');
        return String(piece).slice(0, 12);
      });
      expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 413']));
      for (const socket of sockets) socket.destroy();
    });
    expect(growth).toBeLessThan(100);
  },
);

attack(
  'sends endless headers, endless bodies, and bodies whose length is a lie',
  'whatever the server waits for or keeps would fill it',
  async () => {
    const { port } = parley;
    expect(
      await say(port, `GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(1_000_000)}\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 4\d\d/);
    const many = 'X-A: b\r\n'.repeat(50_000);
    expect(await say(port, `GET /api/health HTTP/1.1\r\nHost: localhost\r\n${many}\r\n`)).toMatch(/^HTTP\/1\.1 4\d\d/);
    const type = { 'Content-Type': 'application/json' };
    const huge = { ...type, 'Content-Length': '99999999999' };
    expect(await parley.send('POST', '/api/login', { headers: huge })).toMatchObject({ status: 413 });
    const large = `{"token": "${'a'.repeat(2_000_000)}"}`;
    expect(await parley.send('POST', '/api/login', { headers: type, body: large })).toMatchObject({ status: 413 });
  },
);

attack(
  'nests a body ten thousand levels deep, or puts a million keys into it',
  'what walks the value would overflow its stack, or stop the server for seconds',
  async () => {
    const headers = { ...bearer, 'Content-Type': 'application/json' };
    const deep = `{"cwd":"/","metadata":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
    expect(await parley.send('POST', '/api/sessions', { headers, body: deep })).toMatchObject({ status: 400 });
    const wide = `{"cwd":"/","metadata":{${Array.from({ length: 80_000 }, (_, key) => `"k${key}":1`).join()}}}`;
    expect(await parley.send('POST', '/api/sessions', { headers, body: wide })).toMatchObject({ status: 400 });
    expect(await parley.send('GET', '/api/health')).toMatchObject({ status: 200 });
  },
);

attack(
  'answers no byte of hundreds of requests on one connection, and never reads',
  'answers would pile up for whoever does not take them',
  async () => {
    const growth = await growthOf(parley.pid, async () => {
      const socket = open(parley.port);
      await once(socket, 'connect');
      const headers = { Connection: 'keep-alive' };
      const request = write(parley.port, 'GET', '/api/openapi.yaml', { headers });
      socket.pause();
      socket.write(request.repeat(5_000));
      // Another connection is served meanwhile.
      for (let count = 0; count < 50; count += 1) await parley.send('GET', '/api/sessions');
      socket.destroy();
    });
    expect(growth).toBeLessThan(150);
  },
);

attack(
  'has an agent ask consent for hundreds of megabytes of edits, and their patch read again and again',
  'each would be held many times over until somebody answers, and be sent whole to whoever asks',
  async () => {
    const agent = { name: 'evil', command: process.execPath, args: [join(import.meta.dirname, 'evil-agent.mjs')] };
    const limits = { max_edit_bytes_per_session: 1_000_000, max_patch_bytes: 100_000 };
    const asked = await startParley({ config: { agents: [agent], limits } });
    try {
      const session = await asked.createSession({ agent: 'evil', approval_policy: 'ask' });
      const get = async (path = '') => JSON.parse((await asked.send('GET', `${session}${path}`)).text);
      const growth = await growthOf(asked.pid, async () => {
        await asked.send('POST', `${session}/submit`, { body: { type: 'user_message', content: 'ask 20 15000000' } });
        await expect.poll(async () => (await get()).pending_approvals.length, { timeout: 60_000 }).toBe(20);
        await expect.poll(async () => (await get()).patch?.files.length, { timeout: 60_000 }).toBe(20);
        const answers = await Promise.all(Array.from({ length: 50 }, () => asked.send('GET', `${session}/patch`)));
        for (const { status, text } of answers) expect.soft([status, text.length < 100_000]).toEqual([200, true]);
        const { files, exact } = await get('/patch');
        expect(exact).toBe(false);
        expect(new Set(files.map(({ omitted }: { omitted?: string }) => omitted))).toEqual(new Set(['too_large']));
      });
      expect(growth).toBeLessThan(400);
    } finally {
      await asked.end();
    }
  },
);

attack(
  'has an agent ask without end and read no answer, end for a reason that every object has, and fail at great length',
  'what nobody takes would fill the memory, and the turn would never end',
  async () => {
    const agent = { name: 'evil', command: process.execPath, args: [join(import.meta.dirname, 'evil-agent.mjs')] };
    const asked = await startParley({ config: { agents: [agent], limits: { max_turn_silence_ms: 3_000 } } });
    try {
      const growth = await growthOf(asked.pid, async () => {
        const ends = ['deaf 300 1000000', 'end __proto__', 'fail 10000000'].map(async (content) => {
          const session = await asked.createSession({ agent: 'evil' });
          await asked.send('POST', `${session}/submit`, { body: { type: 'user_message', content } });
          const causes = async () => {
            const { items } = JSON.parse((await asked.send('GET', `${session}/history`)).text);
            return items.flatMap(({ payload }: { payload: { type: string; cause: string } }) =>
              payload.type === 'turn_completed' ? payload.cause : [],
            );
          };
          await expect.poll(causes, { timeout: 60_000 }).toHaveLength(1);
          return (await causes())[0];
        });
        expect(await Promise.all(ends)).toEqual(['agent_unresponsive', 'agent_error', 'agent_error']);
      });
      expect(growth).toBeLessThan(250);
    } finally {
      await asked.end();
    }
  },
);

attack(
  'pollutes prototypes through bodies, queries, headers and paths',
  'a property that every object then has could switch off checks, or the server',
  async () => {
    const { project } = parley;
    const evil = '{"polluted":"yes","scope":"control","account":"owner","agent":"codex","ok":true}';
    const bodies = [
      `{"cwd":${JSON.stringify(project)},"metadata":{"__proto__":${evil},"constructor":{"prototype":${evil}}}}`,
      `{"cwd":${JSON.stringify(project)},"__proto__":${evil}}`,
      `{"__proto__":{"cwd":${JSON.stringify(project)}}}`,
      `{"cwd":${JSON.stringify(project)},"constructor":{"prototype":${evil}}}`,
    ];
    const headers = { ...bearer, 'Content-Type': 'application/json' };
    const statuses = [];
    for (const body of bodies) statuses.push((await parley.send('POST', '/api/sessions', { headers, body })).status);
    expect(statuses).toEqual([expect.toSatisfy((status: number) => status === 201 || status === 400), 400, 400, 400]);
    for (const query of ['__proto__[scope]=control', 'constructor[prototype][ok]=1', '__proto__.ok=1']) {
      expect.soft((await parley.send('GET', `/api/sessions?${query}`)).status, query).toBe(400);
    }
    for (const id of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString']) {
      expect.soft((await parley.send('GET', `/api/sessions/${id}`)).status, id).toBe(404);
      const body = { cwd: project, agent: id };
      expect.soft((await parley.send('POST', '/api/sessions', { body })).status, id).toBe(400);
    }
    await parley.send('GET', '/api/sessions', { headers: { ...bearer, __proto__x: '1', constructor: '1' } });
    expect(await parley.send('GET', '/api/sessions', { headers: {} })).toMatchObject({ status: 401 });
    const health = JSON.parse((await parley.send('GET', '/api/health')).text);
    expect(Object.keys(health).sort()).toEqual(['session_count', 'status', 'timestamp', 'uptime', 'version']);
  },
);
