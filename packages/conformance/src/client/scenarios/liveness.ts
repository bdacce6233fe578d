import type { ClientRule } from '../client-rule.js';
import { createLog, type LoggedEvent } from '../logged-event.js';

const HEARTBEAT = JSON.stringify({ type: 'heartbeat', timestamp: 1_642_694_400_000, payload: {} });

/** An event of nearly the greatest size, 256 KiB. */
const LONG: LoggedEvent = {
  payload: {
    type: 'item_delta',
    turn_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07',
    item_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f02',
    delta: { type: 'text', text: '排'.repeat(85 * 1024) },
  },
};

/** What a client does while little happens, or a lot. */
export const LIVENESS: readonly ClientRule[] = [
  {
    id: 'client/half-open',
    title: 'A connection on which nothing comes for two heartbeat intervals is replaced by a new one.',
    source: 'PROTOCOL.md#is a connection that broke; a shorter one is not',
    script: (random) => ({
      log: createLog(random, 8),
      handshakes: [{ ack: { heartbeat_interval_ms: 500 }, steps: [{ send: 3 }, { printed: true }, { silence: true }] }],
      // Half of the two intervals: the rest is left for the time that the client takes to print.
      expect: { since: [0, 3], minWait: 500 },
    }),
  },
  {
    id: 'client/patient',
    title: 'A connection on which something comes in less than two heartbeat intervals is kept.',
    source: 'PROTOCOL.md#is a connection that broke; a shorter one is not',
    script: (random) => ({
      log: createLog(random, 8),
      handshakes: [
        {
          ack: { heartbeat_interval_ms: 1000 },
          steps: [{ pause: 1400 }, { text: HEARTBEAT }, { pause: 1400 }, { send: 'rest' }, { close: 1000 }],
        },
      ],
      expect: { handshakes: 1 },
    }),
  },
  {
    id: 'client/pong',
    title: 'A ping is answered with a pong.',
    source: 'PROTOCOL.md#Liveness is WebSocket ping and pong. The server also sends',
    script: (random) => ({
      log: createLog(random, 4),
      handshakes: [{ steps: [{ ping: true }, { send: 2 }, { ping: true }, { send: 'rest' }, { close: 1000 }] }],
      expect: { handshakes: 1 },
    }),
  },
  {
    id: 'client/live',
    title: 'Events that happen after the ack come like those before it.',
    source: 'PROTOCOL.md#Its `latest_event_id` is a cursor',
    script: (random) => ({
      log: createLog(random, 8),
      handshakes: [
        {
          ack: { latest_event_id: 3 },
          steps: [
            { send: 3 },
            { printed: true },
            { send: 1 },
            { printed: true },
            { pause: 50 },
            { send: 'rest' },
            { close: 1000 },
          ],
        },
      ],
      expect: { handshakes: 1 },
    }),
  },
  {
    id: 'client/long-event',
    title: 'An event may be 256 KiB long.',
    source: 'PROTOCOL.md#One event is at most 256 KiB',
    script(random) {
      const [first, ...rest] = createLog(random, 4);
      return { log: [...(first ? [first] : []), LONG, ...rest], handshakes: [], expect: {} };
    },
  },
];
