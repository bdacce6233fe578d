import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { notice } from '../../test/peer-session.js';
import { failure, openSession, take } from '../../test/streams.js';
import { ConnectionError } from '../errors.js';
import type { Session } from '../session.js';

let peer: Peer;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  session = await openSession(peer);
});
afterEach(() => peer[Symbol.asyncDispose]());

describe('a stream of events', () => {
  test('survives any number of broken connections without losing or repeating an event', async () => {
    peer.connected = (socket) => {
      socket.ack();
      for (const frame of peer.frames.slice(socket.since, socket.since! + 3)) socket.send(frame);
      socket.cut();
    };
    for (let id = 2; id <= 50; id++) peer.append(notice(id));
    const expected = Array.from({ length: 49 }, (_, index) => `${index + 2}`);
    // A connection that brought something starts the count of failures anew.
    const patient = await openSession(peer, { maxReconnects: 1 });
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
    const stream = (await openSession(peer, { maxReconnects: 2 })).events({ after: 1 });
    expect(await failure(stream)).toBeInstanceOf(ConnectionError);
    expect(stream.end).toMatchObject({ reason: 'gave_up', error: { attempts: 3 } });
    expect(peer.sockets).toHaveLength(3);
  });
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
