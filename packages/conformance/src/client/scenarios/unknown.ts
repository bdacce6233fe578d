import type { ClientRule } from '../client-rule.js';
import { createLog, createLogWith, createNotice, type LoggedEvent } from '../logged-event.js';

const TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';
const ITEM = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f02';
const UNKNOWN: LoggedEvent = { payload: { type: 'weather_changed', degrees: 21, turn_id: TURN }, unknown: true };

/** Events of known types that no reader can use. */
const INVALID: readonly LoggedEvent[] = [
  { type: 'notice', level: 'info', code: 'scripted' },
  { type: 'turn_completed', turn_id: 7, submission_id: null },
  { type: 'item_delta', turn_id: TURN, item_id: ITEM, delta: 'text' },
].map((payload) => ({ payload, unknown: true }));

/** Known events with properties and values that a later release may add. */
const GROWN: readonly LoggedEvent[] = [
  { ...createNotice('with another property'), known: createNotice('with another property').payload },
  createNotice('of another level'),
  createNotice('with both'),
].map(({ payload, known = payload }, index) => ({
  payload: { ...payload, ...(index !== 1 && { mood: { colour: 'blue' } }), ...(index !== 0 && { level: 'fatal' }) },
  known: { ...known, ...(index !== 0 && { level: 'fatal' }) },
}));

/** Frames that a client of this release cannot use or may ignore. */
const FRAMES = [
  '{"type":"weather","timestamp":1642694400000,"payload":{"degrees":21}}',
  '{"type":"event"',
  '',
  'null',
  '[]',
  '{"type":"heartbeat","timestamp":1642694400000,"payload":{"latest_event_id":9,"mood":"blue"}}',
  '{"type":"error","timestamp":1642694400000,"payload":{"code":"Weather","message":"It rains.","timestamp":1642694400000}}',
];

/** What a client does with unknown events, properties, values and frames. */
export const UNKNOWNS: readonly ClientRule[] = [
  {
    id: 'client/unknown-event',
    title: 'An event of an unknown type is passed on as unknown, and the connection stays open.',
    source: 'PROTOCOL.md#**Unknown is passed on as unknown.**',
    script: (random) => ({ log: createLogWith(random, [UNKNOWN, UNKNOWN]), handshakes: [], expect: {} }),
  },
  {
    id: 'client/invalid-event',
    title: 'An event that does not fit the contract is passed on as unknown, and the connection stays open.',
    source: 'PROTOCOL.md#or that does not fit the contract, still',
    script: (random) => ({ log: createLogWith(random, INVALID), handshakes: [], expect: {} }),
  },
  {
    id: 'client/unknown-moves-cursor',
    title: 'The cursor moves past unknown events.',
    source: 'PROTOCOL.md#the cursor moves on',
    script(random) {
      const log = [...createLog(random, 3).slice(0, 3), UNKNOWN, ...INVALID, ...createLog(random, 2).slice(1)];
      return {
        log,
        handshakes: [
          { steps: [{ send: 4 }, { printed: true }, { cut: true }] },
          { steps: [{ send: 2 }, { printed: true }, { cut: true }] },
        ],
        expect: { since: [0, 4, 6] },
      };
    },
  },
  {
    id: 'client/unknown-parts',
    title:
      'An event with unknown properties, or with unknown values where the contract allows them, is passed on as an event.',
    source: 'PROTOCOL.md#8. **Unknown is not fatal.**',
    script: (random) => ({ log: createLogWith(random, GROWN), handshakes: [], expect: {} }),
  },
  {
    id: 'client/unknown-frame',
    title: 'Frames that cannot be used are ignored, and the connection stays open.',
    source: 'PROTOCOL.md#A frame that is binary, no JSON, or',
    script: (random) => ({
      log: createLog(random, 16),
      handshakes: [
        {
          steps: [
            ...FRAMES.flatMap((text) => [{ send: random.integer(0, 2) }, { text }]),
            { binary: '{"type":"event","id":3}' },
            { send: 'rest' },
            { close: 1000 },
          ],
        },
      ],
      expect: { handshakes: 1 },
    }),
  },
  {
    id: 'client/unusable-id',
    title: 'An event whose id cannot be used counts as a gap.',
    source: 'PROTOCOL.md#**A gap is not passed on.**',
    script: (random) => ({
      log: createLog(random, 8),
      handshakes: [
        { steps: [{ send: 3 }, { mangleId: random.pick([null, '4', -4, 4.5]) }, { send: 'rest' }, { close: 1000 }] },
      ],
      expect: { since: [0, 3] },
    }),
  },
];
