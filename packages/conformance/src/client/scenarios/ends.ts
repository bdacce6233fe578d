import type { ClientRule, End } from '../client-rule.js';
import { createLog } from '../logged-event.js';
import type { Plan, Refusal, Step } from '../plan.js';

/** Ends after which a client connects again: codes of the contract, no code, an unknown code, and a cut line. */
const RESUMED: readonly Step[] = [
  { close: 1001 },
  { close: 1007 },
  { close: 1009 },
  { close: 1011 },
  { close: 'none' },
  { close: 4999 },
  { cut: true },
];

/** What a client does when a connection ends with each close code. */
export const CLOSES: readonly ClientRule[] = [
  {
    id: 'client/close-resumes',
    title: 'After a close code that allows it, an unknown one, or none, the client connects again.',
    source: 'PROTOCOL.md#A connection that breaks is followed by another',
    script(random) {
      const rest = [...RESUMED];
      const ends = RESUMED.flatMap(() => rest.splice(random.integer(0, rest.length - 1), 1));
      return {
        log: createLog(random, 12),
        handshakes: ends.map((end): Plan => ({ steps: [{ send: 1 }, { printed: true }, end] })),
        expect: { since: [0, 1, 2, 3, 4, 5, 6, 7] },
      };
    },
  },
  {
    id: 'client/close-1000-early',
    title: '1000 before every event up to the latest_event_id of the ack has come is not the end of the session.',
    source: 'PROTOCOL.md#is no end of a session',
    script: (random) => ({
      log: createLog(random, 8),
      handshakes: [{ steps: [{ send: 3 }, { printed: true }, { close: 1000 }] }],
      expect: { since: [0, 3] },
    }),
  },
  endsAfter(4400, 'refused', { status: 426, code: 'UpgradeRequired' }),
  endsAfter(4401, 'credentials_ended', { status: 401, code: 'Unauthorized' }),
  endsAfter(4404, 'purged', { status: 404, code: 'SessionNotFound' }),
  endsAfter(4410, 'cursor_invalid', { status: 410, code: 'CursorExpired' }),
  {
    id: 'client/renews-credential',
    title: 'When its credential has ended and it has a new one, the client goes on after its cursor.',
    source: 'PROTOCOL.md#The credential expired or was revoked; connect with a new one.',
    script: (random) => ({
      log: createLog(random, 8),
      renews: true,
      handshakes: [{ steps: [{ send: 3 }, { printed: true }, { close: 4401 }], endsCredential: true }],
      expect: { since: [0, 3] },
    }),
  },
];

/** What a client does when its handshake is refused. */
export const REFUSALS: readonly ClientRule[] = [
  refusedWith({ status: 401, code: 'Unauthorized' }, 'credentials_ended'),
  refusedWith({ status: 403, code: 'Forbidden' }, 'refused'),
  refusedWith({ status: 404, code: 'SessionNotFound' }, 'purged'),
  refusedWith({ status: 409, code: 'CursorAhead' }, 'cursor_invalid'),
  refusedWith({ status: 410, code: 'CursorExpired' }, 'cursor_invalid'),
  {
    id: 'client/cursor-expired',
    title: 'A client whose cursor expired while it was away reports it, and reads no other part of the log.',
    source: 'PROTOCOL.md#by one that nobody asked for',
    script: (random) => ({
      log: createLog(random, 8),
      handshakes: [{ steps: [{ send: 3 }, { printed: true }, { cut: true }] }],
      later: { refuse: { status: 410, code: 'CursorExpired' } },
      expect: { events: 3, end: 'cursor_invalid', code: 'CursorExpired' },
    }),
  },
  {
    id: 'client/retry-after',
    title: 'A client that is told by Retry-After when to try again does not try before.',
    source: 'PROTOCOL.md#and at least the seconds of `Retry-After`',
    script: (random) => ({
      log: createLog(random, 4),
      handshakes: [{ refuse: { status: 429, code: 'TooManyConnections', retryAfter: 2 } }],
      expect: { minWait: 2000 },
    }),
  },
  {
    id: 'client/refused-for-now',
    title: 'After a refusal that is retryable, or that is not an error of the contract, the client tries again.',
    source: 'PROTOCOL.md#and after a refusal that is not retryable',
    script: (random) => ({
      log: createLog(random, 4),
      handshakes: [
        { refuse: { status: 503, code: 'Unavailable' } },
        { refuse: { status: 502 } },
        { refuse: { status: 500, code: 'InternalError' } },
      ],
      expect: {},
    }),
  },
  {
    id: 'client/backs-off',
    title: 'A client that cannot connect waits between its attempts, longer after each failure.',
    source: 'PROTOCOL.md#**It waits between attempts**',
    script: (random) => ({
      log: createLog(random, 4),
      handshakes: Array.from({ length: 5 }, (): Plan => ({ hangUp: true })),
      // Low enough for a client with random waits to pass, high enough for one that does not wait to fail.
      expect: { minWait: 250 },
    }),
  },
];

function endsAfter(code: number, end: End, refuse: Refusal): ClientRule {
  return {
    id: `client/close-${code}`,
    title: `After ${code} the client ends, ${end}, and does not connect again.`,
    source: `PROTOCOL.md#| ${code} |`,
    script: (random) => ({
      log: createLog(random, 8),
      handshakes: [{ steps: [{ send: 3 }, { printed: true }, { close: code }], endsCredential: code === 4401 }],
      later: { refuse },
      expect: { events: 3, end, handshakes: 1 },
    }),
  };
}

function refusedWith(refuse: Refusal & { code: string }, end: End): ClientRule {
  return {
    id: `client/refused-${refuse.status}`,
    title: `A client that is refused with ${refuse.code} ends, ${end}, and does not try again.`,
    source: `PROTOCOL.md#| \`${refuse.code}\` |`,
    script: (random) => ({
      log: createLog(random, 4),
      after: end === 'cursor_invalid' ? 3 : 0,
      handshakes: [],
      later: { refuse },
      expect: { events: 0, end, code: refuse.code, handshakes: 1 },
    }),
  };
}
