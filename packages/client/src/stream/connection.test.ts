import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { notice } from '../../test/peer-session.js';
import { openSession, take } from '../../test/streams.js';
import type { Session } from '../session.js';

let peer: Peer;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  session = await openSession(peer);
});
afterEach(() => peer[Symbol.asyncDispose]());

describe('a connection', () => {
  test('offers the contract and the credential as subprotocols and starts at the cursor of the session object', async () => {
    peer.append(notice(2));
    const stream = session.events();
    peer.append(notice(3));
    await session.refresh();
    expect(await take(stream, 2)).toEqual(['2', '3']);
    expect(peer.sockets[0]?.since).toBe(1);
    expect(peer.sockets[0]?.protocols).toEqual(['parley.v1', 'parley.bearer.secret']);
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
    expect(await take((await openSession(peer, { logger })).events({ after: 1 }), 1)).toEqual(['2']);
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

  test.each([-3_600_000, 3_600_000])(
    'notices it as soon where the clock of the day is set by %d ms',
    async (milliseconds) => {
      vi.useFakeTimers({ toFake: ['Date'] });
      try {
        peer.connected = (socket) => {
          socket.ack({ heartbeat_interval_ms: peer.sockets.length === 1 ? 100 : 3_600_000 });
          vi.setSystemTime(Date.now() + milliseconds);
          if (peer.sockets.length > 1) socket.follow();
        };
        peer.append(notice(2));
        const silences: string[] = [];
        const onConnection = (state: { status: string; error?: Error }) =>
          void (state.error && silences.push(state.error.message));
        expect(await take(session.events({ after: 1, onConnection }), 1)).toEqual(['2']);
        expect(silences).toEqual([expect.stringMatching(/said nothing for [2-9]\d\d ms/)]);
        expect(peer.sockets).toHaveLength(2);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  test('takes a handshake without an acknowledgement for dead', async () => {
    peer.append(notice(2));
    peer.connected = (socket) => {
      if (peer.sockets.length < 2) return;
      socket.ack();
      socket.follow();
    };
    expect(await take((await openSession(peer, { handshakeTimeout: 20 })).events({ after: 1 }), 1)).toEqual(['2']);
  });
});
