import { expect, it } from 'vitest';
import { judgeValue } from './validators.js';

const frame = (payload: object) => ({ type: 'event', id: 1, timestamp: 1, payload });
const turn = {
  type: 'turn_completed',
  turn_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07',
  submission_id: 's',
  status: 'completed',
  cause: 'end_turn',
};

it.each([
  ['as the documents say', frame(turn), 'fits'],
  ['an unknown property', { ...frame(turn), extra: 1 }, 'unknown'],
  ['an unknown property deep inside', frame({ ...turn, usage: { tokens: 1 } }), 'unknown'],
  ['an unknown value where that may be', frame({ ...turn, cause: 'tired' }), 'unknown'],
  ['an unknown variant where that may be', frame({ type: 'moon_rose', height: 3 }), 'unknown'],
  ['no field that is needed', frame({ ...turn, cause: undefined }), 'broken'],
  ['a field of another type', frame({ ...turn, usage: { total_tokens: '1' } }), 'broken'],
  ['a known variant that does not fit', frame({ type: 'turn_started' }), 'broken'],
  ['a value past its bound', { ...frame(turn), id: 0 }, 'broken'],
  ['no object', 7, 'broken'],
])('a frame with %s', (_, value, fit) => {
  const judged = judgeValue(
    { document: 'openapi.yaml', pointer: '/components/schemas/EventFrame' },
    JSON.parse(JSON.stringify(value)),
  );
  expect(judged.fit).toBe(fit);
  expect(judged.problems.length > 0).toBe(fit !== 'fits');
});

it('says of a variant what is wrong with it, and nothing of the others', () => {
  const { problems } = judgeValue(
    { document: 'openapi.yaml', pointer: '/components/schemas/EventFrame' },
    frame({ ...turn, turn_id: 7, status: undefined }),
  );
  expect(problems.map(({ place, message }) => `${place} ${message}`).sort()).toEqual([
    "/payload must have required property 'status'",
    '/payload/turn_id must be string',
  ]);
});

it('knows the frames of the socket', () => {
  const heartbeat = { type: 'heartbeat', timestamp: 1, payload: { latest_event_id: 1 } };
  const pointer = '/components/schemas/ServerHeartbeatFrame';
  expect(judgeValue({ document: 'asyncapi.yaml', pointer }, heartbeat).fit).toBe('fits');
  expect(judgeValue({ document: 'asyncapi.yaml', pointer }, { ...heartbeat, id: 1 }).fit).toBe('unknown');
});
