import type { ClientRule } from '../client-rule.js';
import { createLog } from '../logged-event.js';
import type { Plan } from '../plan.js';

/** What a client does when connections break, and when a server sends too much or too little. */
export const BREAKS: readonly ClientRule[] = [
  {
    id: 'client/handshake',
    title: 'A handshake carries the cursor, and never has the token in its address.',
    source: 'PROTOCOL.md#A token is never part of a URL.',
    script: (random) => ({
      log: createLog(random, 8),
      handshakes: [{ steps: [{ send: 3 }, { printed: true }, { cut: true }] }],
      expect: { since: [0, 3], hidesToken: true },
    }),
  },
  {
    id: 'client/starts-behind-cursor',
    title: 'A client that starts after a cursor gets the events after it, and none before.',
    source: 'PROTOCOL.md#asks for everything after N, then live',
    script: (random) => ({
      log: createLog(random, 8),
      after: random.integer(2, 6),
      handshakes: [],
      expect: {},
    }),
  },
  {
    id: 'client/resumes-from-cursor',
    title: 'After each break the client goes on after the last event that it has passed on.',
    source: 'PROTOCOL.md#It connects with `since_event_id` set to it',
    script(random) {
      const counts = Array.from({ length: 4 }, () => random.integer(1, 3));
      const since = [0, ...counts].map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0));
      return {
        log: createLog(random, 16),
        handshakes: counts.map((count): Plan => ({ steps: [{ send: count }, { printed: true }, { cut: true }] })),
        expect: { since },
      };
    },
  },
  {
    id: 'client/cut-anywhere',
    title: 'When the connection breaks at any byte of an event, no event is lost and none is repeated.',
    source: 'PROTOCOL.md#**The connection breaks** at any byte.',
    script(random) {
      const cut = (): Plan => ({ steps: [{ send: random.integer(1, 3) }, { truncate: true }] });
      return { log: createLog(random, 60), handshakes: Array.from({ length: 10 }, cut), expect: {} };
    },
  },
  {
    id: 'client/pieces',
    title: 'Events are the same no matter how the bytes of their frames are cut.',
    source: 'PROTOCOL.md#Each frame is one JSON text message',
    script(random) {
      const steps = Array.from({ length: 8 }, () =>
        random.chance(50) ? { pieces: random.integer(2, 9) } : { fragments: random.integer(2, 9) },
      );
      return {
        log: createLog(random, 10),
        handshakes: [{ steps: [...steps, { send: 'rest' }, { close: 1000 }] }],
        expect: { handshakes: 1 },
      };
    },
  },
  {
    id: 'client/repeats',
    title: 'An event that comes again is passed on once.',
    source: 'PROTOCOL.md#an event that it has had is dropped',
    script: (random) => ({
      log: createLog(random, 12),
      handshakes: [
        {
          steps: [
            { send: 4 },
            { repeat: random.integer(1, 4) },
            { send: 1 },
            { repeat: 5 },
            { printed: true },
            { cut: true },
          ],
        },
      ],
      later: { steps: [{ rewind: true }, { send: 'rest' }, { close: 1000 }] },
      expect: { since: [0, 5] },
    }),
  },
  {
    id: 'client/gap',
    title: 'An event that does not follow the last one is not passed on; the client asks again for what is missing.',
    source: 'PROTOCOL.md#**A gap is not passed on.**',
    script(random) {
      const before = random.integer(1, 4);
      return {
        log: createLog(random, 12),
        handshakes: [{ steps: [{ send: before }, { skip: random.integer(1, 3) }, { send: 'rest' }, { close: 1000 }] }],
        expect: { since: [0, before] },
      };
    },
  },
  {
    id: 'client/flood',
    title: 'A long log that comes all at once is passed on completely.',
    source: 'PROTOCOL.md#gets every later event once, in order',
    script: (random) => ({ log: createLog(random, 3000), handshakes: [], expect: {} }),
  },
  {
    id: 'client/tells-state',
    title: 'The application can see whether there is a connection.',
    source: 'PROTOCOL.md#it tells the application that there is none',
    script(random) {
      const cut: Plan = { steps: [{ send: 2 }, { printed: true }, { cut: true }] };
      return { log: createLog(random, 8), handshakes: [cut, cut], expect: { reportsStates: true } };
    },
  },
];
