import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { sendError } from '../../test/peer-answers.js';
import { notice } from '../../test/peer-session.js';
import { failure, openSession, take } from '../../test/streams.js';
import { silentLogger } from '../logger.js';
import type { Session } from '../session.js';
import type { EventStream } from './event-stream.js';
import type { ReconnectOptions } from './reconnect.js';
import { createSharedConnections } from './shared-connection.js';

let peer: Peer;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  session = await openSession(peer);
});
afterEach(() => peer[Symbol.asyncDispose]());

test('nothing is kept of a session that nobody reads any more', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const connectionOf = createSharedConnections(describeConnection);
  const reader = { received: 0, confirmed: true, event: ignore, status: ignore, end: ignore, rejoin: ignore };
  const used: number[] = [];
  for (let round = 0; round < 4; round++) used.push(await readSessions(2_000));
  // What is kept makes each round grow; what else happens in the process, some of them.
  const growth = used.slice(1).map((bytes, round) => (bytes - (used[round] ?? 0)) / 2_000);
  expect(Math.min(...growth)).toBeLessThan(200); // bytes a session

  /** Begins and ends reading so many sessions; resolves with the memory in use. */
  async function readSessions(count: number): Promise<number> {
    for (let read = 0; read < count; read++) {
      const sessionId = randomUUID();
      connectionOf(sessionId).join(reader);
      // Another stream may have asked for the connection, and has the same one.
      connectionOf(sessionId).leave(reader);
    }
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    return process.memoryUsage().heapUsed;
  }
});

/** A connection that waits for its token, for as long as somebody reads. */
function describeConnection(sessionId: string): ReconnectOptions {
  return {
    url: () => `ws://h/${sessionId}`,
    token: () => new Promise(ignore),
    renewable: true,
    probe: () => new Promise(ignore),
    WebSocket: undefined,
    handshakeTimeout: 1_000,
    maxReconnects: 1,
    backoff: {},
    logger: silentLogger,
  };
}

function ignore(): void {
  // Nothing is to be done.
}

describe('loops over the same session', () => {
  test('share one socket', async () => {
    const streams = [session.events({ after: 0 }), session.events({ after: 0 }), session.events({ after: 0 })];
    await Promise.all(streams.map((stream) => stream.next()));
    peer.append(notice(2));
    for (const stream of streams) expect(await take(stream, 1)).toEqual(['2']);
    expect(peer.sockets).toHaveLength(1);
  });

  test('read what the socket is past from the log', async () => {
    for (let id = 2; id <= 30; id++) peer.append(notice(id));
    const first = session.events({ after: 0 });
    await take(first, 30);
    const second = session.events({ after: 10 });
    expect(await take(second, 20)).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 11}`));
    peer.append(notice(31));
    expect(await take(second, 1)).toEqual(['31']);
    expect(await take(first, 1)).toEqual(['31']);
    expect(peer.sockets).toHaveLength(1);
  });

  test('skip what the socket replays for another one', async () => {
    peer.connected = (socket) => socket.ack();
    peer.append(notice(2), notice(3));
    const behind = session.events({ after: 0 });
    const one = take(behind, 5);
    const socket = await peer.socketCount(1);
    let joined: () => void = () => undefined;
    const hasJoined = new Promise<void>((resolve) => {
      joined = resolve;
    });
    const two = take(session.events({ after: 3, onConnection: joined }), 2);
    await hasJoined;
    peer.append(notice(4), notice(5));
    socket.follow();
    expect(await two).toEqual(['4', '5']);
    expect(await one).toEqual(['session_created', '2', '3', '4', '5']);
    expect(peer.sockets).toHaveLength(1);
  });

  test('end one by one where a cursor is ahead of the log, also beside a loop that reads', async () => {
    const reading = session.events({ after: 0 });
    await reading.next();
    const ahead = session.events({ after: 99 });
    expect(await failure(ahead)).toMatchObject({ code: 'CursorAhead' });
    expect(ahead.end?.reason).toBe('cursor_invalid');
    peer.append(notice(2));
    expect(await take(reading, 1)).toEqual(['2']);
    expect(peer.sockets).toHaveLength(1);
  });

  test('end one by one where a cursor is no longer kept, also where it is that of the socket', async () => {
    peer.connected = (socket) => socket.ack();
    peer.append(notice(2), notice(3));
    const behind = session.events({ after: 0 });
    const lost = failure(behind);
    const socket = await peer.socketCount(1);
    let joined: () => void = () => undefined;
    const hasJoined = new Promise<void>((resolve) => {
      joined = resolve;
    });
    const next = take(session.events({ after: 3, onConnection: joined }), 2);
    await hasJoined;
    peer.connected = (again) => {
      again.ack();
      again.follow();
    };
    peer.answer = ({ path, response }) => path.endsWith('/events') && sendError(response, 410, 'CursorExpired');
    socket.socket.close(4410);
    expect(await lost).toMatchObject({ code: 'CursorExpired' });
    peer.append(notice(4), notice(5));
    expect(await next).toEqual(['4', '5']);
    expect(peer.sockets.map(({ since }) => since)).toEqual([0, 3]);
  });

  /** A loop that has the socket, and one behind it, which must read the log first; that is answered like this. */
  async function behindWith(answer: (response: ServerResponse) => true, maxReconnects = 2): Promise<EventStream> {
    const reading = await openSession(peer, { maxReconnects });
    await take(reading.events({ after: 0 }), 1);
    peer.append(notice(2));
    peer.answer = ({ path, response }) => path.endsWith('/history') && answer(response);
    return reading.events({ after: 0 });
  }

  test('give up one by one on a log that stays unavailable', async () => {
    const stream = await behindWith((response) => sendError(response, 503, 'Unavailable'));
    expect(await failure(stream)).toMatchObject({
      name: 'ConnectionError',
      attempts: 3,
      cause: { code: 'Unavailable' },
    });
    expect(stream.end?.reason).toBe('gave_up');
  });

  test('give up at once on a log for which the server asks to wait more than 5 minutes', async () => {
    const stream = await behindWith((response) => sendError(response, 503, 'Unavailable', { 'Retry-After': '301' }));
    expect(await failure(stream)).toMatchObject({ attempts: 1, cause: { retryAfter: 301 } });
  });

  test('give up on a log that no connection reaches, and say how often it was tried', async () => {
    const stream = await behindWith((response) => Boolean(response.destroy()) as true);
    expect(await failure(stream)).toMatchObject({ name: 'ConnectionError', attempts: 3 });
  });

  test('ask for the log again where something between answers in the place of the server', async () => {
    let times = 2;
    const stream = await behindWith((response) => {
      times -= 1;
      if (times === 0) peer.answer = undefined;
      return Boolean(response.writeHead(502).end('<h1>Bad gateway</h1>')) as true;
    });
    expect(await take(stream, 2)).toEqual(['session_created', '2']);
  });

  test('wait with a cursor at the end of the log for a socket that has not come to it', async () => {
    peer.connected = (socket) => socket.ack();
    const behind = session.events({ after: 0 });
    const next = behind.next();
    const socket = await peer.socketCount(1);
    peer.append(notice(2), notice(3));
    const asked = new Promise<void>((resolve) => {
      peer.answer = ({ path }) => {
        if (path.endsWith('/history')) resolve();
        return false;
      };
    });
    const atEnd = session.events({ after: 3 });
    const joined = atEnd.next();
    await asked;
    peer.append(notice(4), notice(5));
    socket.follow();
    expect((await joined).value).toMatchObject({ message: '4' });
    expect(await take(atEnd, 1)).toEqual(['5']);
    expect((await next).value).toMatchObject({ type: 'session_created' });
    expect(await take(behind, 4)).toEqual(['2', '3', '4', '5']);
    expect(peer.sockets).toHaveLength(1);
  });

  test('close the socket when the last one is left', async () => {
    const [first, second] = [session.events({ after: 0 }), session.events({ after: 0 })];
    await Promise.all([first.next(), second.next()]);
    const { socket } = peer.sockets[0]!;
    await first.return();
    peer.append(notice(2));
    expect(await take(second, 1)).toEqual(['2']);
    const closed = once(socket, 'close');
    await second.return();
    expect((await closed)[0]).toBe(1000);
  });
});

test('many loops over a session are no leak in the eyes of Node', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warned);
  const streams = Array.from({ length: 50 }, () => session.events({ after: 0 }));
  await Promise.all(streams.map((stream) => stream.next()));
  for (const stream of streams) await stream.return();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warned);
  expect(warnings).toEqual([]);
  expect(peer.sockets).toHaveLength(1);
});
