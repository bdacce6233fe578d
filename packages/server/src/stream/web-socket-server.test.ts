import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ErrorData, ServiceError, type Submission } from '@parleyhq/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openSqliteEventLog, type SqliteEventLog } from '../log/sqlite-event-log.js';
import { createFeed, type FeedWriter } from './feed.js';
import {
  createWebSocketServer,
  type SocketAdmission,
  type WebSocketServer,
  type WebSocketServerOptions,
} from './web-socket-server.js';

const SESSION = '550e8400-e29b-41d4-a716-446655440000';
const MESSAGE: Submission = { type: 'user_message', content: '请帮我实现一个排序函数', metadata: {} };

let folder: string;
let log: SqliteEventLog;
let feed: FeedWriter;
let http: Server;
let server: WebSocketServer;
let errors: unknown[];
let serverSockets: Socket[];
let written: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-sockets-'));
  log = await openSqliteEventLog({ path: join(folder, 'parley.db') });
  feed = createFeed({ sessionId: SESSION, log });
  http = createServer();
  errors = [];
  serverSockets = [];
  written = [];
  http.on('connection', (socket) => serverSockets.push(socket));
});

afterEach(async () => {
  await server.drain(0);
  http.closeAllConnections();
  http.close();
  await log.close();
  await rm(folder, { recursive: true });
});

/** Starts a server that admits with what the test gives; `since` in the address is the cursor. */
async function start(admission: Partial<SocketAdmission> = {}, options: Partial<WebSocketServerOptions> = {}) {
  server = createWebSocketServer({
    admit: async (request) => {
      const since = new URL(request.url ?? '/', 'http://x').searchParams.get('since');
      return { feed, after: since === null ? undefined : Number(since), submit: async () => undefined, ...admission };
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  http.on('upgrade', server.handleUpgrade);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  // A session always has its first event.
  await append(1);
}

const address = () => `127.0.0.1:${(http.address() as AddressInfo).port}`;

/** Appends events as a session does. */
async function append(count: number, payload = 'x'): Promise<void> {
  const before = written.length;
  const entries = Array.from({ length: count }, (_, index) => {
    const id = before + 1 + index;
    return { id, frame: JSON.stringify({ type: 'event', id, timestamp: 1, payload }) };
  });
  written.push(...entries.map((entry) => entry.frame));
  await log.append(SESSION, before, entries);
  feed.publish(entries);
}

/** A plain client that keeps all that it gets. */
class Client {
  readonly texts: string[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly webSocket: WebSocket;
  readonly #happened = new EventEmitter();

  constructor(query = '', protocols: string[] = ['parley.v1'], headers = {}) {
    this.webSocket = new WebSocket(`ws://${address()}/events${query}`, protocols, { headers });
    this.webSocket.on('message', (data) => {
      this.texts.push(String(data));
      this.#happened.emit('text');
    });
    this.closed = new Promise((resolve) => {
      this.webSocket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.webSocket.on('error', () => undefined);
  }

  /** Waits until it has got so many frames and gives the last of them. */
  async got(count: number) {
    while (this.texts.length < count) await once(this.#happened, 'text');
    return JSON.parse(this.texts[count - 1] ?? '');
  }

  /** The `event` frames, as they came. */
  get events(): string[] {
    return this.texts.filter((frame) => frame.startsWith('{"type":"event"'));
  }

  async gotEvents(count: number): Promise<string[]> {
    while (this.events.length < count) await once(this.#happened, 'text');
    return this.events;
  }

  send(type: string, id: string, payload: unknown): void {
    this.webSocket.send(JSON.stringify({ type, id, timestamp: Date.now(), payload }));
  }
}

/** The HTTP answer to a handshake that is refused. */
async function refusal(headers: Record<string, string> = {}) {
  const upgrade = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const [host, port] = address().split(':');
  const [response]: IncomingMessage[] = await once(httpRequest({ host, port, headers: upgrade }).end(), 'response');
  const body: ErrorData = JSON.parse(await text(response!));
  return { status: response!.statusCode, headers: response!.headers, body };
}

/** A socket that shakes hands and then does nothing at all: no pong, no reading. */
async function openRawSocket(query = ''): Promise<Socket> {
  const [host, port] = address().split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => undefined);
  const lines = [`GET /events${query} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'];
  socket.write(
    [...lines, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'),
  );
  await once(socket, 'readable');
  return socket;
}

/** Waits until a socket is closed, by an error or not. */
function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

describe('the handshake', () => {
  test('is answered with the ack, always first', async () => {
    await start();
    await append(2);
    const client = new Client('?since=0');
    expect(await client.got(1)).toMatchObject({
      type: 'connection_ack',
      payload: {
        session_id: SESSION,
        connection_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        latest_event_id: 3,
        earliest_event_id: 1,
        heartbeat_interval_ms: 15_000,
        limits: { max_frame_bytes: 1_048_576, max_bad_frames: 16, max_frames_per_second: 100 },
      },
    });
    expect(await client.gotEvents(3)).toEqual(written);
  });

  test('selects parley.v1 and never echoes another subprotocol', async () => {
    await start();
    const both = new Client('', ['parley.bearer.secret', 'parley.v1']);
    await both.got(1);
    expect(both.webSocket.protocol).toBe('parley.v1');
    const none = new Client('', []);
    await none.got(1);
    expect(none.webSocket.protocol).toBe('');
    const other = new Client('', ['parley.bearer.secret']);
    expect((await other.closed).code).toBe(1006);
  });

  test('is refused with the error that admission throws, as an HTTP answer', async () => {
    const refuse = new ServiceError('Unauthorized', 'expected a credential', { retryAfter: 3 });
    await start({}, { admit: () => Promise.reject(refuse) });
    const { status, headers, body } = await refusal();
    expect(status).toBe(401);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      connection: 'close',
      'retry-after': '3',
      'www-authenticate': 'Bearer',
    });
    expect(body).toMatchObject({ code: 'Unauthorized', message: 'expected a credential' });
  });

  test('is refused with an internal error that tells nothing when admission fails', async () => {
    const failure = new Error('a secret of the house');
    await start({}, { admit: () => Promise.reject(failure) });
    const { status, body } = await refusal();
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'InternalError' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(errors).toEqual([failure]);
  });

  test('must be one for a WebSocket, version 13, with a key', async () => {
    await start();
    expect(await refusal({ Upgrade: 'h2c' })).toMatchObject({ status: 426, body: { code: 'UpgradeRequired' } });
    expect(await refusal({ 'Sec-WebSocket-Version': '7' })).toMatchObject({
      status: 426,
      headers: { 'sec-websocket-version': '13' },
    });
    expect(await refusal({ 'Sec-WebSocket-Key': 'x' })).toMatchObject({
      status: 400,
      body: { code: 'InvalidRequest' },
    });
  });

  test('is refused when the session has as many connections as it may, until one leaves', async () => {
    await start({}, { maxConnectionsPerSession: 2 });
    const first = new Client();
    const second = new Client();
    await Promise.all([first.got(1), second.got(1)]);
    expect(await refusal()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5' },
      body: { code: 'TooManyConnections' },
    });
    expect(() => server.checkCapacity(SESSION)).toThrow('[TooManyConnections]');
    server.checkCapacity('another session');
    first.webSocket.close();
    await first.closed;
    const third = new Client();
    await third.got(1);
    expect(server.connections).toBe(2);
  });

  test('is refused when the server has as many connections as it may', async () => {
    await start({}, { maxConnections: 1 });
    await new Client().got(1);
    expect(await refusal()).toMatchObject({ status: 429, body: { code: 'TooManyConnections' } });
  });

  test('of a peer that leaves meanwhile takes no place', async () => {
    const asked = new EventEmitter();
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await start(
      {},
      {
        admit: async () => {
          asked.emit('asked');
          await gate;
          return { feed, submit: async () => undefined };
        },
      },
    );
    const client = new Client();
    await once(asked, 'asked');
    client.webSocket.terminate();
    await client.closed;
    answer();
    await gone(serverSockets[0]!);
    expect(server.connections).toBe(0);
    expect(errors).toEqual([]);
  });
});

describe('events', () => {
  test('come in order, each once, byte for byte, whatever their length', async () => {
    await start();
    for (const length of [0, 50, 80, 81, 82, 200, 65_480, 65_484, 65_485, 65_486, 65_500, 200_000]) {
      await append(1, 'x'.repeat(length));
      await append(2, '序'.repeat(length / 3));
    }
    const client = new Client('?since=0');
    await client.gotEvents(20);
    await append(3, 'ü'.repeat(100));
    expect(await client.gotEvents(written.length)).toEqual(written);
  });

  test('reach all readers, from wherever each began', async () => {
    await start({}, { maxConnectionsPerSession: 12 });
    await append(500);
    const clients = Array.from({ length: 12 }, (_, index) => new Client(index % 3 === 0 ? '' : `?since=${index * 40}`));
    const acks = await Promise.all(clients.map((client) => client.got(1)));
    for (let round = 0; round < 60; round += 1) await Promise.all([append(1), append(4), append(1)]);
    await Promise.all(
      clients.map(async (client, index) => {
        const after = index % 3 === 0 ? acks[index].payload.latest_event_id : index * 40;
        expect(await client.gotEvents(written.length - after)).toEqual(written.slice(after));
      }),
    );
  });

  test('do not queue for a reader that has stalled, and all reach it when it reads again', async () => {
    await start();
    const client = new Client('?since=0');
    await client.got(1);
    client.webSocket.pause();
    for (let round = 0; round < 200; round += 1) await append(100, 'x'.repeat(1_000));
    const waiting = serverSockets[0]!.writableLength;
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(400_000);
    client.webSocket.resume();
    expect(await client.gotEvents(written.length)).toEqual(written);
  });

  test('of a session that has ended are all delivered before the connection is closed', async () => {
    await start();
    await append(3_000, 'x'.repeat(500));
    const client = new Client('?since=0');
    await client.got(1);
    feed.end();
    expect(await client.closed).toEqual({ code: 1000, reason: 'session closed' });
    expect(client.events).toEqual(written);
  });
});

describe('frames of a client', () => {
  test('submit, and a refusal names the frame that it answers', async () => {
    const submitted: Submission[] = [];
    const submit = async (submission: Submission) => {
      submitted.push(submission);
      if (submitted.length === 2) throw new ServiceError('DuplicateSubmission', 'sent before', { eventId: 1 });
      if (submitted.length === 3) throw new Error('a secret of the house');
    };
    await start({ submit });
    const client = new Client();
    await client.got(1);
    for (const id of ['1', '2', '3']) client.send('submission', id, MESSAGE);
    expect(await client.got(2)).toMatchObject({
      type: 'error',
      payload: { code: 'DuplicateSubmission', in_reply_to: '2', event_id: 1 },
    });
    expect(await client.got(3)).toMatchObject({ type: 'error', payload: { code: 'InternalError', in_reply_to: '3' } });
    expect(submitted).toEqual([MESSAGE, MESSAGE, MESSAGE]);
    expect(errors).toMatchObject([{ message: 'a secret of the house' }]);
  });

  test('beat, and the answer names the frame', async () => {
    await start();
    await append(3);
    const client = new Client();
    await client.got(1);
    client.send('heartbeat', 'h1', {});
    expect(await client.got(2)).toMatchObject({
      type: 'heartbeat',
      payload: { latest_event_id: 4, in_reply_to: 'h1' },
    });
  });

  test('that do not fit are told what is wrong, and the connection stays', async () => {
    await start();
    const client = new Client();
    await client.got(1);
    client.webSocket.send('{');
    expect(await client.got(2)).toMatchObject({ type: 'error', payload: { code: 'InvalidRequest' } });
    client.send('unheard', '1', {});
    expect(await client.got(3)).toMatchObject({ payload: { code: 'InvalidRequest', in_reply_to: '1' } });
    client.send('submission', '2', { type: 'user_message', content: 7 });
    const { payload } = await client.got(4);
    expect(payload).toMatchObject({ code: 'InvalidRequest', in_reply_to: '2' });
    expect(payload.details[0].pointer).toMatch(/^\/frame\/payload\/content/);
    client.webSocket.send(Buffer.from('binary'));
    expect(await client.got(5)).toMatchObject({ payload: { code: 'InvalidRequest' } });
    client.send('heartbeat', '3', {});
    expect(await client.got(6)).toMatchObject({ type: 'heartbeat' });
  });

  test('close the connection when too many in a row do not fit', async () => {
    await start({}, { limits: { max_bad_frames: 3 } });
    const client = new Client();
    await client.got(1);
    for (const bad of [true, true, false, true, true, true]) {
      if (bad) client.webSocket.send('nonsense');
      else client.send('heartbeat', '1', {});
    }
    expect(await client.closed).toMatchObject({ code: 4400 });
    expect(client.texts).toHaveLength(7);
  });

  test('that come too fast are refused', async () => {
    await start({}, { limits: { max_frames_per_second: 5 } });
    const client = new Client();
    await client.got(1);
    for (let count = 1; count <= 20; count += 1) client.send('heartbeat', `${count}`, {});
    await client.got(21);
    const refused = client.texts.map((frame) => JSON.parse(frame)).filter(({ type }) => type === 'error');
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused[0].payload).toMatchObject({ code: 'TooManyRequests', in_reply_to: expect.any(String) });
  });

  test('close the connection when one is too large', async () => {
    await start({}, { limits: { max_frame_bytes: 1_000 } });
    const client = new Client();
    await client.got(1);
    client.webSocket.send('x'.repeat(1_001));
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  test('are not read while their sender does not take the answers', async () => {
    await start({}, { limits: { max_frames_per_second: 1_000_000 } });
    const client = new Client();
    await client.got(1);
    client.webSocket.pause();
    const id = 'x'.repeat(128);
    const frames = 60_000;
    for (let count = 0; count < frames; count += 1) client.send('heartbeat', id, {});
    // The server goes on only when both directions are full, or all has been answered.
    let before = -1;
    while (serverSockets[0]!.bytesRead !== before) {
      before = serverSockets[0]!.bytesRead;
      await append(1);
    }
    expect(serverSockets[0]!.writableLength).toBeLessThan(2_000_000);
    client.webSocket.resume();
    await client.got(frames + written.length);
  });
});

describe('a connection', () => {
  test('gets a heartbeat when nothing else is sent', async () => {
    await start({}, { heartbeatIntervalMs: 40 });
    await append(1);
    const client = new Client();
    expect(await client.got(2)).toMatchObject({ type: 'heartbeat', payload: { latest_event_id: 2 } });
    expect(await client.got(5)).toMatchObject({ type: 'heartbeat' });
  });

  test('is terminated when its peer answers no ping', async () => {
    await start({}, { heartbeatIntervalMs: 20 });
    const socket = await openRawSocket();
    socket.resume();
    await gone(serverSockets[0]!);
    expect(server.connections).toBe(0);
  });

  test('is terminated when its peer takes nothing, and the peer may resume', async () => {
    await start({}, { heartbeatIntervalMs: 20 });
    await append(20_000, 'x'.repeat(1_000));
    const socket = await openRawSocket('?since=0');
    socket.pause();
    await gone(serverSockets[0]!);
    expect(server.connections).toBe(0);
    socket.destroy();
    expect(await new Client('?since=19000').gotEvents(1_001)).toEqual(written.slice(19_000));
  });

  test('is closed when its credential ends, and no other', async () => {
    await start(
      {},
      {
        admit: async ({ url }) => ({ feed, submit: async () => undefined, credential: url?.slice(-1) }),
      },
    );
    const [mine, other] = [new Client('?c=a'), new Client('?c=b')];
    await Promise.all([mine.got(1), other.got(1)]);
    server.endCredential('a');
    expect(await mine.closed).toMatchObject({ code: 4401 });
    await append(1);
    expect(await other.gotEvents(1)).toEqual(written.slice(1));
  });

  test('is closed when its credential expires', async () => {
    await start({ expiresAt: Date.now() + 50 }, { heartbeatIntervalMs: 20 });
    expect(await new Client().closed).toMatchObject({ code: 4401 });
  });

  test('is closed when the session is purged', async () => {
    await start();
    const client = new Client();
    await client.got(1);
    feed.purge();
    expect(await client.closed).toMatchObject({ code: 4404 });
  });

  test('is told and closed when its cursor is no longer kept', async () => {
    await start();
    await append(10);
    await log.trim(SESSION, 8, '{}');
    feed.trim(8);
    const client = new Client('?since=2');
    expect(await client.closed).toMatchObject({ code: 4410 });
    expect(await client.got(2)).toMatchObject({ type: 'error', payload: { code: 'CursorExpired' } });
  });

  test('is told to go away when the server drains, and no other is taken', async () => {
    await start();
    const clients = [new Client(), new Client()];
    const silent = await openRawSocket();
    await Promise.all(clients.map((client) => client.got(1)));
    const drained = server.drain(50);
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await refusal()).toMatchObject({ status: 503, body: { code: 'Unavailable' } });
    await drained;
    expect(server.connections).toBe(0);
    silent.destroy();
  });
});
