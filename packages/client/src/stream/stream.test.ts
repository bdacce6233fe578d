import { once } from 'node:events';
import { ServiceError } from '@parleyhq/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { notice, type Peer, SESSION, sendError, startPeer } from '../../test/peer.js';
import { type ClientOptions, createClient } from '../create-client.js';
import { ConnectionError } from '../errors.js';
import type { EventsOptions, Session } from '../session.js';
import type { ConnectionStatus } from './connection-status.js';
import type { EventStream } from './event-stream.js';
import type { SessionEvent } from './session-event.js';

let peer: Peer;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  session = await open();
});
afterEach(() => peer[Symbol.asyncDispose]());

async function open(options: Partial<ClientOptions> = {}): Promise<Session> {
  const client = createClient({ baseUrl: peer.url, token: 'secret', backoff: { base: 1, max: 5 }, ...options });
  return client.sessions.get(SESSION);
}

/** The next so many events of a stream, as the texts of notices, or their types. */
async function take(stream: AsyncIterator<SessionEvent>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value, done } = await stream.next();
    if (done) throw new Error(`The stream ended after ${taken.join()}`);
    taken.push(value.type === 'notice' ? value.message : value.type);
  }
  return taken;
}

async function failure(stream: EventStream): Promise<unknown> {
  try {
    for await (const _ of stream);
  } catch (error) {
    return error;
  }
  throw new Error('The loop ended without an error.');
}

describe('a stream of events', () => {
  test('offers the contract and the credential as subprotocols and starts at the cursor of the session object', async () => {
    peer.append(notice(2));
    const stream = session.events();
    peer.append(notice(3));
    await session.refresh();
    expect(await take(stream, 2)).toEqual(['2', '3']);
    expect(peer.sockets[0]?.since).toBe(1);
    expect(peer.sockets[0]?.protocols).toEqual(['parley.v1', 'parley.bearer.secret']);
  });

  test('gives each event its id and time', async () => {
    const { value } = await session.events({ after: 0 }).next();
    expect(value).toMatchObject({ type: 'session_created', id: 1, timestamp: 1642694400000 });
  });

  test('survives any number of broken connections without losing or repeating an event', async () => {
    peer.connected = (socket) => {
      socket.ack();
      for (const frame of peer.frames.slice(socket.since, socket.since! + 3)) socket.send(frame);
      socket.cut();
    };
    for (let id = 2; id <= 50; id++) peer.append(notice(id));
    const expected = Array.from({ length: 49 }, (_, index) => `${index + 2}`);
    // A connection that brought something starts the count of failures anew.
    const patient = await open({ maxReconnects: 1 });
    expect(await take(patient.events({ after: 1 }), 49)).toEqual(expected);
    expect(peer.sockets.length).toBeGreaterThan(10);
  });

  test('resumes from the last event received', async () => {
    const stream = session.events({ after: 1 });
    peer.append(notice(2), notice(3));
    await take(stream, 2);
    const next = stream.next();
    peer.sockets[0]?.cut();
    await peer.socketCount(2);
    expect(peer.sockets[1]?.since).toBe(3);
    peer.append(notice(4));
    expect((await next).value).toMatchObject({ message: '4' });
  });

  test('drops duplicates, which are no gap either', async () => {
    peer.append(notice(2), notice(3), notice(4));
    peer.connected = (socket) => {
      socket.ack();
      for (const id of [1, 2, 1, 2, 3, 3, 2, 4]) socket.send(peer.frames[id - 1]);
    };
    expect(await take(session.events({ after: 1 }), 3)).toEqual(['2', '3', '4']);
    expect(peer.sockets).toHaveLength(1);
  });

  test('heals a gap by resuming', async () => {
    peer.append(notice(2), notice(3), notice(4));
    peer.connected = (socket) => {
      socket.ack();
      if (peer.sockets.length > 1) return socket.follow();
      socket.send(peer.frames[1]);
      socket.send(peer.frames[3]);
    };
    expect(await take(session.events({ after: 1 }), 3)).toEqual(['2', '3', '4']);
    expect(peer.sockets.map(({ since }) => since)).toEqual([1, 2]);
  });

  test('gives up on a gap that no resuming heals', async () => {
    peer.append(notice(2), notice(3));
    peer.connected = (socket) => {
      socket.ack();
      socket.send(peer.frames[2]);
    };
    const stream = (await open({ maxReconnects: 2 })).events({ after: 1 });
    expect(await failure(stream)).toBeInstanceOf(ConnectionError);
    expect(stream.end).toMatchObject({ reason: 'gave_up', error: { attempts: 3 } });
    expect(peer.sockets).toHaveLength(3);
  });

  test('delivers what it cannot read as unknown, and goes on behind it on the same connection', async () => {
    peer.append({ type: 'from_the_future' }, { type: 'notice' }, notice(4));
    const stream = session.events({ after: 1 });
    const future = (await stream.next()).value;
    expect(future).toMatchObject({ type: 'unknown', id: 2, reason: 'unknown_type', raw: { type: 'from_the_future' } });
    const invalid = (await stream.next()).value;
    expect(invalid).toMatchObject({ type: 'unknown', id: 3, reason: 'invalid', raw: { type: 'notice' } });
    expect(invalid?.type === 'unknown' && invalid.problems[0]).toMatchObject({ pointer: '/payload/level' });
    expect(await take(stream, 1)).toEqual(['4']);
    expect(stream.cursor).toBe(3);
    expect(peer.sockets).toHaveLength(1);
  });

  test('passes over frames of unknown types, frames that are no JSON and binary frames', async () => {
    const warnings: string[] = [];
    const logger = { debug: () => undefined, warn: (message: string) => void warnings.push(message) };
    peer.connected = (socket) => {
      socket.ack();
      socket.send('{"type":"from_the_future","timestamp":1,"payload":{}}');
      socket.send('no JSON');
      socket.socket.send(Buffer.from([1, 2, 3]));
      socket.follow();
    };
    peer.append(notice(2));
    expect(await take((await open({ logger })).events({ after: 1 }), 1)).toEqual(['2']);
    expect(warnings).toHaveLength(3);
    expect(peer.sockets).toHaveLength(1);
  });

  test('connects again where the first frame is no connection_ack', async () => {
    peer.append(notice(2));
    peer.connected = (socket) => {
      if (peer.sockets.length > 1) socket.ack();
      socket.follow();
    };
    expect(await take(session.events({ after: 1 }), 1)).toEqual(['2']);
    expect(peer.sockets).toHaveLength(2);
  });

  test('takes a connection that is silent for two heartbeat intervals for dead', async () => {
    peer.connected = (socket) => {
      socket.ack({ heartbeat_interval_ms: 10 });
      if (peer.sockets.length > 1) socket.follow();
    };
    peer.append(notice(2));
    expect(await take(session.events({ after: 1 }), 1)).toEqual(['2']);
  });

  test('takes a handshake without an acknowledgement for dead', async () => {
    peer.append(notice(2));
    peer.connected = (socket) => {
      if (peer.sockets.length < 2) return;
      socket.ack();
      socket.follow();
    };
    expect(await take((await open({ handshakeTimeout: 20 })).events({ after: 1 }), 1)).toEqual(['2']);
  });

  test('moves its cursor when a loop body has finished, not when it begins', async () => {
    peer.append(notice(2), notice(3));
    const stream = session.events({ after: 1 });
    const seen: number[] = [];
    for await (const event of stream) {
      seen.push(stream.cursor);
      if (event.id === 3) break;
    }
    expect(seen).toEqual([1, 2]);
    expect(stream.cursor).toBe(2);
    expect(stream.end).toEqual({ reason: 'left' });
  });
});

describe('a loop that is slower than the events', () => {
  test('lets go of the socket when its queue is full and goes on without a loss', async () => {
    const count = 500;
    for (let id = 2; id <= count; id++) peer.append(notice(id));
    const statuses: string[] = [];
    const onConnection = ({ status }: ConnectionStatus): void => void statuses.push(status);
    const stream = (await open({ queueLimit: 20 })).events({ after: 1, onConnection });
    const seen: number[] = [];
    for await (const event of stream) {
      seen.push(event.id);
      // The socket gets its turn between two events.
      await new Promise((resolve) => setImmediate(resolve));
      if (event.id === count) break;
    }
    expect(seen).toEqual(Array.from({ length: count - 1 }, (_, index) => index + 2));
    expect(statuses).toContain('paused');
    expect(peer.sockets.length).toBeGreaterThan(1);
  });

  test('lets nothing wait beyond its limit', async () => {
    const stream = (await open({ queueLimit: 5 })).events({ after: 0 });
    await stream.next();
    const closed = once(peer.sockets[0]!.socket, 'close');
    for (let id = 2; id <= 100; id++) peer.append(notice(id));
    await closed;
    expect(await take(stream, 5)).toEqual(['2', '3', '4', '5', '6']);
    expect(peer.sockets).toHaveLength(1);
    expect(await take(stream, 1)).toEqual(['7']);
    expect(peer.sockets[1]?.since).toBe(6);
  });

  test('does not hold up another loop over the same session, and catches up from the log', async () => {
    const options = { queueLimit: 5 };
    const slow = (await open(options)).events({ after: 0 });
    await slow.next();
    const shared = await open();
    const [first, second] = [shared.events({ after: 0 }), shared.events({ after: 0 })];
    await Promise.all([first.next(), second.next()]);
    for (let id = 2; id <= 50; id++) peer.append(notice(id));
    expect(await take(first, 49)).toHaveLength(49);
    expect(await take(second, 49)).toHaveLength(49);
    expect(await take(slow, 49)).toHaveLength(49);
  });
});

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

describe('the end of a stream', () => {
  test('is the end of the loop when the session is closed and every event was delivered', async () => {
    peer.append(notice(2), { type: 'session_closed', reason: 'requested' });
    peer.connected = (socket) => {
      socket.ack();
      socket.follow();
      socket.socket.close(1000);
    };
    const stream = session.events({ after: 1 });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['notice', 'session_closed']);
    expect(stream.end).toEqual({ reason: 'session_closed' });
    expect(stream.cursor).toBe(3);
  });

  test('is not that of the session for a loop that is left while events wait', async () => {
    peer.append(notice(2), { type: 'session_closed', reason: 'requested' });
    peer.connected = (socket) => {
      socket.ack();
      socket.follow();
      socket.socket.close(1000);
    };
    const statuses: ConnectionStatus[] = [];
    const stream = session.events({ after: 1, onConnection: (status) => void statuses.push(status) });
    for await (const event of stream) {
      while (statuses.at(-1)?.status !== 'ended') await new Promise((resolve) => setImmediate(resolve));
      expect([event.id, stream.end]).toEqual([2, undefined]);
      break;
    }
    expect(stream.end).toEqual({ reason: 'left' });
    expect(stream.cursor).toBe(1);
  });

  test('is not believed where events are missing', async () => {
    peer.append(notice(2), notice(3));
    peer.connected = (socket) => {
      socket.ack();
      if (peer.sockets.length > 1) return socket.follow();
      socket.send(peer.frames[1]);
      socket.socket.close(1000);
    };
    expect(await take(session.events({ after: 1 }), 2)).toEqual(['2', '3']);
  });

  test('throws SessionNotFound when the session is purged', async () => {
    peer.connected = (socket) => {
      socket.ack();
      socket.socket.close(4404, 'purged');
    };
    const stream = session.events();
    expect(await failure(stream)).toMatchObject({ code: 'SessionNotFound' });
    expect(stream.end?.reason).toBe('purged');
  });

  test('throws the reason of a signal, at once and without what still waits', async () => {
    const stop = new AbortController();
    const stream = session.events({ after: 0, signal: stop.signal });
    await stream.next();
    const next = stream.next();
    stop.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    expect(stream.end).toMatchObject({ reason: 'aborted' });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test('throws the reason of a signal that was aborted before', async () => {
    expect(await failure(session.events({ signal: AbortSignal.abort(new Error('early')) }))).toMatchObject({
      message: 'early',
    });
    expect(peer.sockets).toHaveLength(0);
  });

  test('throws Unauthorized when the credential has ended and there is no other', async () => {
    peer.connected = (socket) => {
      socket.ack();
      socket.socket.close(4401);
    };
    const stream = session.events();
    expect(await failure(stream)).toMatchObject({ code: 'Unauthorized' });
    expect(stream.end?.reason).toBe('credentials_ended');
    expect(peer.sockets).toHaveLength(1);
  });

  test('does not come with 4401 where the token function has another token', async () => {
    let asked = 0;
    const renewed = await open({ token: async () => `token-${++asked}` });
    peer.connected = (socket) => {
      socket.ack();
      if (peer.sockets.length > 1) socket.follow();
      else socket.socket.close(4401);
    };
    peer.append(notice(2));
    expect(await take(renewed.events({ after: 1 }), 1)).toEqual(['2']);
    const [first, second] = peer.sockets.map(({ protocols }) => protocols[1]);
    expect(first).not.toBe(second);
  });

  test('comes with 4401 where the new token is refused as well', async () => {
    const renewed = await open({ token: async () => 'stale' });
    peer.connected = (socket) => {
      socket.ack();
      socket.socket.close(4401);
    };
    expect(await failure(renewed.events())).toMatchObject({ code: 'Unauthorized' });
    expect(peer.sockets).toHaveLength(2);
  });

  test.each([1001, 1007, 1009, 1011, 3000])('does not come with %d: the stream resumes', async (code) => {
    peer.append(notice(2));
    peer.connected = (socket) => {
      socket.ack();
      if (peer.sockets.length > 1) socket.follow();
      else socket.socket.close(code);
    };
    expect(await take(session.events({ after: 1 }), 1)).toEqual(['2']);
  });

  test('comes with 4400, and with 4410 for the reason that the probe gives', async () => {
    let code = 4400;
    peer.connected = (socket) => {
      socket.ack();
      socket.socket.close(code);
    };
    const frames = session.events();
    expect(await failure(frames)).toMatchObject({ code: 'InvalidRequest' });
    expect(frames.end?.reason).toBe('refused');

    code = 4410;
    peer.answer = ({ path, response }) => path.endsWith('/events') && sendError(response, 410, 'CursorExpired');
    const cursor = session.events();
    expect(await failure(cursor)).toMatchObject({ code: 'CursorExpired' });
    expect(cursor.end?.reason).toBe('cursor_invalid');
  });

  test('throws ConnectionError after as many attempts in a row as are allowed', async () => {
    const stream = (await open({ maxReconnects: 3 })).events();
    peer.upgrade = (_, socket) => Boolean(socket.destroy());
    peer.answer = ({ response }) => Boolean(response.destroy());
    const error = await failure(stream);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ attempts: 4 });
    expect(stream.end?.reason).toBe('gave_up');
  });

  test('throws at once for a token that no handshake can carry', async () => {
    const stream = (await open({ token: 'not a token' })).events();
    expect(await failure(stream)).toBeInstanceOf(SyntaxError);
    expect(stream.end?.reason).toBe('failed');
  });
});

describe('a handshake that fails without a reason', () => {
  /** The peer refuses the upgrade; the probe answers with this error as often, then the socket is let in. */
  function refuse(status: number, code: string, headers: object = {}, times = Number.POSITIVE_INFINITY): void {
    let refused = 0;
    peer.upgrade = (_, socket) => {
      if (refused >= times) return false;
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n\r\n`);
      return true;
    };
    peer.answer = ({ path, response }) => {
      if (!path.endsWith('/events')) return false;
      refused++;
      return sendError(response, status, code, headers);
    };
  }

  test.each([
    [401, 'Unauthorized', 'credentials_ended'],
    [403, 'Forbidden', 'refused'],
    [404, 'SessionNotFound', 'purged'],
    [409, 'CursorAhead', 'cursor_invalid'],
    [410, 'CursorExpired', 'cursor_invalid'],
  ])('throws what the probe says: %d %s', async (status, code, reason) => {
    refuse(status, code);
    const stream = session.events({ after: 7 });
    const error = await failure(stream);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code, requestId: '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11' });
    expect(stream.end?.reason).toBe(reason);
    expect(peer.requests.at(-1)?.query.get('since_event_id')).toBe('7');
  });

  test.each([
    [429, 'TooManyConnections'],
    [503, 'Unavailable'],
    [426, 'UpgradeRequired'],
  ])('is tried again after %d %s', async (status, code) => {
    refuse(status, code, {}, 2);
    peer.append(notice(2));
    expect(await take(session.events({ after: 1 }), 1)).toEqual(['2']);
  });

  test('waits as long as Retry-After says', async () => {
    refuse(429, 'TooManyConnections', { 'Retry-After': '1' }, 1);
    const statuses: ConnectionStatus[] = [];
    const options: EventsOptions = { after: 0, onConnection: (status) => void statuses.push(status) };
    await take(session.events(options), 1);
    expect(statuses.find(({ status }) => status === 'waiting')).toMatchObject({ delay: 1000, attempt: 1 });
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

test('a status light sees each change of the connection', async () => {
  const statuses: string[] = [];
  const stream = session.events({ after: 0, onConnection: ({ status }) => void statuses.push(status) });
  await stream.next();
  peer.sockets[0]?.cut();
  const next = stream.next();
  await peer.socketCount(2);
  peer.append(notice(2));
  await next;
  await stream.return();
  await Promise.resolve();
  expect(statuses).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open', 'ended']);
});
