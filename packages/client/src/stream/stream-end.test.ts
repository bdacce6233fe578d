import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { sendError } from '../../test/peer-answers.js';
import { notice } from '../../test/peer-session.js';
import { failure, openSession, take } from '../../test/streams.js';
import { ConnectionError } from '../errors.js';
import type { Session } from '../session.js';
import type { ConnectionStatus } from './connection-status.js';

let peer: Peer;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  session = await openSession(peer);
});
afterEach(() => peer[Symbol.asyncDispose]());

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
    const renewed = await openSession(peer, { token: async () => `token-${++asked}` });
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
    const renewed = await openSession(peer, { token: async () => 'stale' });
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
    const stream = (await openSession(peer, { maxReconnects: 3 })).events();
    peer.upgrade = (_, socket) => Boolean(socket.destroy());
    peer.answer = ({ response }) => Boolean(response.destroy());
    const error = await failure(stream);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ attempts: 4 });
    expect(stream.end?.reason).toBe('gave_up');
  });

  test('throws at once for a token that no handshake can carry', async () => {
    const stream = (await openSession(peer, { token: 'not a token' })).events();
    expect(await failure(stream)).toBeInstanceOf(SyntaxError);
    expect(stream.end?.reason).toBe('failed');
  });
});
