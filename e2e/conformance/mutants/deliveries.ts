import { isObject, type JsonObject } from './edit-json.js';
import { alone, type Mutant, mutant } from './mutant.js';
import { askingWith, type Create, hearing, onceRestarted, onEvent } from './wrongly.js';

const HANDSHAKE = ['probeEvents'];

/** Servers that break the promises about delivery on sockets: log first, ids, resume, slow readers. */
export const deliveryMutants: readonly Mutant[] = [
  // 1. Log first.
  mutant(
    1,
    'drop',
    'what a submission says, on the socket',
    'events/submission',
    onEvent('submission_accepted', ({ submission }) => {
      if (isObject(submission)) submission.metadata = {};
    }),
  ),
  mutant(
    1,
    'drop',
    'a block of a message, on the socket',
    'events/blocks',
    onEvent('submission_accepted', ({ submission }) => {
      if (isObject(submission) && Array.isArray(submission.content)) submission.content.pop();
    }),
  ),
  alone(
    1,
    'wrong value',
    'the bytes of an event after a crash',
    'events/restart-log',
    onceRestarted(
      hearing((frame) => (frame.type === 'event' ? [{ ...frame, timestamp: Number(frame.timestamp) + 1 }] : undefined)),
    ),
  ),
  alone(
    1,
    'drop',
    'submissions that were acknowledged before a crash',
    'events/restart-acknowledged',
    onceRestarted(
      onEvent('submission_accepted', (payload) => {
        payload.submission_id = 'another';
      }),
    ),
  ),

  // 2. Ids.
  mutant(
    2,
    'off by one',
    'the ids on the socket',
    'events/replay',
    hearing((frame) => (frame.type === 'event' ? [{ ...frame, id: Number(frame.id) + 1 }] : undefined)),
  ),
  mutant(2, 'wrong value', 'the bytes of an event, for each reader', 'events/readers', (hits) => {
    let sockets = 0;
    const { socket } = hearing((frame, { state }) => {
      if (!state.has('number')) state.set('number', ++sockets);
      return frame.type === 'event'
        ? [{ ...frame, timestamp: Number(frame.timestamp) + Number(state.get('number')) }]
        : undefined;
    })(hits);
    return { ...(socket && { socket }) };
  }),

  // 3. Resume is lossless.
  mutant(
    3,
    'drop',
    'the first event behind a cursor',
    'events/resume',
    behindCursor(() => []),
  ),
  mutant(
    3,
    'duplicate',
    'the first event behind a cursor',
    'events/resume',
    behindCursor((frame) => [frame, frame]),
  ),
  mutant(
    3,
    'off by one',
    'a cursor of the socket',
    'events/resume',
    askingWith(HANDSHAKE, (request) => {
      const [, since] = /since_event_id=(\d+)/.exec(request.target) ?? [];
      if (since === undefined || Number(since) < 1) return undefined;
      return {
        ...request,
        target: request.target.replace(/since_event_id=\d+/, `since_event_id=${Number(since) - 1}`),
      };
    }),
  ),
  mutant(
    3,
    'reorder',
    'two events behind a cursor',
    'events/cut',
    reordering((id) => id % 7 === 3),
  ),
  mutant(
    3,
    'drop',
    'an event where replay goes over into live',
    'events/replay-and-live',
    hearing((frame) => (frame.type === 'event' && frame.id === 6 ? [] : undefined)),
  ),
  mutant(
    3,
    'leak',
    'what has been, to who asked for live alone',
    'events/live-only',
    askingWith(HANDSHAKE, (request) =>
      request.target.includes('?') ? undefined : { ...request, target: `${request.target}?since_event_id=0` },
    ),
  ),

  // 5. A slow reader costs nothing.
  mutant(
    5,
    'drop',
    'what came while a reader stood still',
    'events/slow-reader',
    hearing((frame, { since }) => (since === '0' && Number(frame.id) > 200 && Number(frame.id) < 300 ? [] : undefined)),
  ),
  mutant(
    5,
    'duplicate',
    'an event for a reader that catches up',
    'events/slow-reader',
    hearing((frame, { since }) => (since === '0' && frame.id === 250 ? [frame, frame] : undefined)),
  ),
  mutant(
    5,
    'reorder',
    'events for a reader that catches up',
    'events/slow-reader',
    reordering((id) => id === 250),
  ),
  mutant(
    5,
    'wrong value',
    'a slow reader is cut off for good',
    'events/slow-reader',
    hearing((frame, { since }) => {
      if (since !== '0' || Number(frame.id) < 200) return undefined;
      throw new Error('cut');
    }),
  ),
];

function behindCursor(edit: (frame: JsonObject) => JsonObject[]): Create {
  return hearing((frame, { since, state }) => {
    if (frame.type !== 'event' || since === undefined || state.has('first')) return undefined;
    state.set('first', true);
    return edit(frame);
  });
}

function reordering(isHeld: (id: number) => boolean): Create {
  return hearing((frame, { state }) => {
    if (frame.type !== 'event') return undefined;
    const held = state.get('held');
    state.delete('held');
    if (isObject(held)) return [frame, held];
    if (!isHeld(Number(frame.id))) return undefined;
    state.set('held', frame);
    return [];
  });
}
