import { ServiceError } from '@parleyhq/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { sendError } from '../../test/peer-answers.js';
import { notice } from '../../test/peer-session.js';
import { failure, openSession, take } from '../../test/streams.js';
import type { EventsOptions, Session } from '../session.js';
import type { ConnectionStatus } from './connection-status.js';

let peer: Peer;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  session = await openSession(peer);
});
afterEach(() => peer[Symbol.asyncDispose]());

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

  test('ends the loop at once where the server asks for more than 5 minutes', async () => {
    refuse(503, 'Unavailable', { 'Retry-After': '301' });
    const stream = session.events({ after: 0 });
    expect(await failure(stream)).toMatchObject({ name: 'ConnectionError', attempts: 1, cause: { retryAfter: 301 } });
    expect(stream.end?.reason).toBe('gave_up');
    expect(peer.sockets).toHaveLength(0);
  });

  test('ends the loop where the server asks for 5 minutes bit by bit', async () => {
    const asked = ['1', '300'];
    refuse(503, 'Unavailable');
    peer.answer = ({ path, response }) =>
      path.endsWith('/events') && sendError(response, 503, 'Unavailable', { 'Retry-After': asked.shift()! });
    expect(await failure(session.events({ after: 0 }))).toMatchObject({ attempts: 2, cause: { retryAfter: 300 } });
    expect(asked).toEqual([]);
  });
});
