import { setTimeout as wait } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { BrokenRule, NotExercised, tryEach } from '../broken-rule.js';
import { expectAnswer } from '../rest/expect-answer.js';
import type { Rule } from '../rule.js';
import type { World } from '../world/world.js';
import { expectRefusal, type HandshakeOptions, tryHandshake } from './handshake.js';

/** A handshake that is refused, and the answer that it gets. */
interface Case {
  readonly subject: string;
  readonly options: HandshakeOptions;
  readonly status: number;
  readonly code: string;
  /** The session id to use instead of that of an existing session. */
  readonly id?: string;
}

const UNKNOWN_SESSION = '00000000-0000-4000-8000-000000000000';
const FOREIGN = { Origin: 'https://parley.invalid' };
const CASES: readonly Case[] = [
  { subject: 'no credential', options: { as: 'none' }, status: 401, code: 'Unauthorized' },
  { subject: 'unknown credential', options: { as: { bearer: 'unknown' } }, status: 401, code: 'Unauthorized' },
  { subject: 'foreign origin', options: { headers: FOREIGN }, status: 403, code: 'Forbidden' },
  { subject: 'unknown session', options: {}, id: UNKNOWN_SESSION, status: 404, code: 'SessionNotFound' },
  { subject: 'malformed session', options: {}, id: 'no-uuid', status: 404, code: 'SessionNotFound' },
  ...['-1', '1.5', 'x', '', '9007199254740992', '1&since_event_id=2'].map((value) => ({
    subject: `since_event_id=${value}`,
    options: { query: `?since_event_id=${value}` },
    status: 400,
    code: 'InvalidRequest',
  })),
  { subject: 'unknown parameter', options: { query: '?since=1' }, status: 400, code: 'InvalidRequest' },
  { subject: 'cursor ahead', options: { since: 1_000_000 }, status: 409, code: 'CursorAhead' },
  // Two things are wrong, and the one that is checked first decides.
  { subject: 'origin before credential', options: { headers: FOREIGN, as: 'none' }, status: 403, code: 'Forbidden' },
  {
    subject: 'credential before session',
    options: { as: 'none' },
    id: UNKNOWN_SESSION,
    status: 401,
    code: 'Unauthorized',
  },
  {
    subject: 'session before cursor',
    options: { query: '?since_event_id=x' },
    id: UNKNOWN_SESSION,
    status: 404,
    code: 'SessionNotFound',
  },
];

/** How many sockets are opened before the server is taken to have no limit. */
const MAX_SOCKETS = 64;

/** Who may open a socket, and the answers that others get. */
export const admissionRules: readonly Rule[] = [
  ...CASES.map(refusalRule),
  {
    id: 'events/probe',
    level: 'core',
    title: 'A client that may open the socket also learns it without an upgrade: UpgradeRequired.',
    source: 'PROTOCOL.md#the same request without the upgrade',
    async run(world) {
      const { path } = await world.sharedSession();
      for (const query of ['', '?since_event_id=0', '?since_event_id=1']) {
        expectAnswer(await world.call({ path: `${path}/events${query}` }), { status: 426, code: 'UpgradeRequired' });
      }
    },
  },
  {
    id: 'events/other-account',
    level: 'full',
    title: 'The session of another account is unknown on the socket, too.',
    source: 'PROTOCOL.md#unknown (404), on each operation, in lists and on the socket',
    needs: ['token2'],
    async run(world) {
      const { path } = await world.sharedSession();
      const expected = { status: 404, code: 'SessionNotFound' };
      expectAnswer(await expectRefusal(world, path, { as: 'token2' }), expected);
      expectAnswer(await world.call({ path: `${path}/events`, as: 'token2' }), expected);
    },
  },
  {
    id: 'events/connection-limit',
    level: 'core',
    title: 'Open sockets are bounded: one too many gets TooManyConnections, and is accepted when another has closed.',
    source: 'openapi.yaml#/x-errors/TooManyConnections',
    async run(world) {
      const { path } = await world.createSession();
      const sockets: WebSocket[] = [];
      try {
        for (let refused = false; !refused; ) {
          if (sockets.length > MAX_SOCKETS)
            throw new NotExercised(`the server takes more than ${MAX_SOCKETS} sockets of a session`);
          const handshake = await tryHandshake(world, path, { takes429: true });
          refused = 'refusal' in handshake;
          if ('webSocket' in handshake) sockets.push(handshake.webSocket);
          else expectAnswer(handshake.refusal, { status: 429, code: 'TooManyConnections' });
        }
        const probe = await world.call({ path: `${path}/events`, takes429: true });
        expectAnswer(probe, { status: 429, code: 'TooManyConnections' });
        sockets.pop()?.close();
        await waitUntilAccepted(world, path);
      } finally {
        for (const socket of sockets) socket.terminate();
      }
    },
  },
];

/** Tries again until the server has noticed that another socket has closed. */
async function waitUntilAccepted(world: World, path: string): Promise<void> {
  const until = performance.now() + world.patience;
  for (;;) {
    const handshake = await tryHandshake(world, path, { takes429: true });
    if ('webSocket' in handshake) return handshake.webSocket.terminate();
    if (performance.now() > until)
      throw new BrokenRule({
        expected: 'a socket, since another one was closed',
        got: '429',
        exchange: handshake.refusal,
      });
    await wait(50, undefined, { signal: world.signal });
  }
}

function refusalRule({ subject, options, id, status, code }: Case): Rule {
  return {
    id: 'events/refused',
    subject,
    level: 'core',
    title: 'A client that is refused is told why, before the upgrade and, without an upgrade, by probeEvents.',
    source: 'PROTOCOL.md#Checks before the',
    async run(world) {
      const path = id === undefined ? (await world.sharedSession()).path : `/api/sessions/${id}`;
      const {
        since,
        query = since === undefined ? '' : `?since_event_id=${since}`,
        as = 'token',
        headers = {},
      } = options;
      const probe = () => world.call({ path: `${path}/events${query}`, as, headers });
      await tryEach([() => expectRefusal(world, path, options), probe], async (ask) => {
        expectAnswer(await ask(), { status, code });
      });
    },
  };
}
