import { find, type Json } from '../documents/json.js';
import { expectAnswer } from '../rest/expect-answer.js';
import type { Rule } from '../rule.js';
import { expectHistory, expectIds } from './compare-history.js';
import { type EventSocket, openSocket } from './event-socket.js';
import { expectRefusal } from './handshake.js';

/** How sockets are closed, and with which codes. */
export const closeRules: readonly Rule[] = [
  {
    id: 'events/close-1000',
    level: 'core',
    title:
      'When a session is closed its sockets get session_closed as the last event, and 1000; so do sockets that come later.',
    source: 'PROTOCOL.md#**The session is closed.**',
    async run(world) {
      const { path } = await world.createSession();
      const sockets = [await openSocket(world, path), await openSocket(world, path, { since: 0 })];
      expectAnswer(await world.call({ method: 'DELETE', path }), { status: 204 });
      sockets.push(await openSocket(world, path, { since: 0 }));
      for (const socket of sockets) {
        await expectClose(socket, 1000);
        const last = socket.events.at(-1)?.payload.type;
        if (last !== 'session_closed')
          throw socket.broken({ expected: 'session_closed as the last event', got: `${last}` });
      }
      const [, whole, later] = sockets;
      for (const socket of [whole, later]) {
        if (socket === undefined) continue;
        expectIds(socket, 0);
        await expectHistory(world, path, socket.events, 0);
      }
    },
  },
  {
    id: 'events/close-purged',
    level: 'agent',
    title:
      'When a session is purged a socket gets 1000 if every event has come, else 4404; then the session is unknown.',
    source: 'PROTOCOL.md#| 4404 |',
    async run(world) {
      const { path } = await world.createSession();
      const reader = await openSocket(world, path);
      const slow = await openSocket(world, path, { since: 0 });
      slow.webSocket.pause();
      reader.send('submission', { type: 'user_message', content: '/flood' });
      await reader.waitForEvent('turn_completed');
      expectAnswer(await world.call({ method: 'DELETE', path: `${path}?purge=true` }), { status: 204 });
      slow.webSocket.resume();
      for (const socket of [reader, slow]) {
        await socket.closed();
        const isWhole = socket.events.at(-1)?.payload.type === 'session_closed';
        await expectClose(socket, isWhole ? 1000 : 4404);
      }
      expectAnswer(await expectRefusal(world, path, {}), { status: 404, code: 'SessionNotFound' });
    },
  },
  {
    id: 'events/close-4401',
    level: 'core',
    title: 'When a credential ends its sockets are closed with 4401; sockets of other credentials stay open.',
    source: 'PROTOCOL.md#| 4401 |',
    async run(world) {
      const json = { token: world.token, cookie: false };
      const login = await world.call({ method: 'POST', path: '/api/login', as: 'none', json });
      expectAnswer(login, { status: 200 });
      const as = { bearer: String(find(login.json as Json, 'access_token')) };
      const { path } = await world.sharedSession();
      const other = await openSocket(world, path);
      const socket = await openSocket(world, path, { as });
      expectAnswer(await world.call({ method: 'POST', path: '/api/logout', as }), { status: 204 });
      await expectClose(socket, 4401);
      await other.heartbeat();
      other.cut();
      expectAnswer(await expectRefusal(world, path, { as }), { status: 401, code: 'Unauthorized' });
    },
  },
];

/**
 * Expects a socket to be closed with a code.
 *
 * @throws BrokenRule
 */
export async function expectClose(socket: EventSocket, code: number): Promise<void> {
  const got = await socket.closed();
  if (got !== code) throw socket.broken({ expected: `the close code ${code}`, got: `${got}` });
}
