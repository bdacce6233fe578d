import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { notice } from '../../test/peer-session.js';
import { openSession, take } from '../../test/streams.js';
import type { Session } from '../session.js';
import type { ConnectionStatus } from './connection-status.js';

let peer: Peer;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  session = await openSession(peer);
});
afterEach(() => peer[Symbol.asyncDispose]());

describe('a loop', () => {
  test('gives each event its id and time', async () => {
    const { value } = await session.events({ after: 0 }).next();
    expect(value).toMatchObject({ type: 'session_created', id: 1, timestamp: 1642694400000 });
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
    const stream = (await openSession(peer, { queueLimit: 20 })).events({ after: 1, onConnection });
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
    const stream = (await openSession(peer, { queueLimit: 5 })).events({ after: 0 });
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
    const slow = (await openSession(peer, options)).events({ after: 0 });
    await slow.next();
    const shared = await openSession(peer);
    const [first, second] = [shared.events({ after: 0 }), shared.events({ after: 0 })];
    await Promise.all([first.next(), second.next()]);
    for (let id = 2; id <= 50; id++) peer.append(notice(id));
    expect(await take(first, 49)).toHaveLength(49);
    expect(await take(second, 49)).toHaveLength(49);
    expect(await take(slow, 49)).toHaveLength(49);
  });
});
