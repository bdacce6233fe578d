import type { PassedAnswer } from '../proxy/change.js';
import { isObject, type Json, type JsonObject } from './edit-json.js';
import { alone, type Mutant, mutant } from './mutant.js';
import {
  answering,
  askingWith,
  type Create,
  editEvents,
  insteadOf,
  json,
  onceRestarted,
  refusal,
  telling,
  typeOf,
} from './wrongly.js';

/** Servers that break the promises about the log, its ids and its cursors, over REST. */
export const logPromiseMutants: readonly Mutant[] = [
  // 1. Log first.
  mutant(
    1,
    'off by one',
    'the event_id of a submission',
    'rest/submission-logged',
    answering('submit', (body) => {
      body.event_id = Number(body.event_id) + 1;
    }),
  ),
  mutant(
    1,
    'drop',
    'a submission that is acknowledged',
    'rest/submission-logged',
    insteadOf(['submit'], () => acknowledged()),
  ),
  mutant(
    1,
    'drop',
    'what an accepted submission says',
    'rest/submission-logged',
    telling((items) =>
      editEvents(items, 'submission_accepted', ({ submission }) => {
        if (isObject(submission)) submission.metadata = {};
      }),
    ),
  ),
  mutant(1, 'reorder', 'submission_accepted and turn_started', 'rest/turn', swappingStarts()),
  mutant(
    1,
    'drop',
    'the text of a message in the log',
    'rest/random-message',
    telling((items) =>
      editEvents(items, 'submission_accepted', ({ submission }) => {
        if (isObject(submission)) submission.content = 'another';
      }),
    ),
  ),
  alone(
    1,
    'drop',
    'the last event before a crash',
    'rest/restart-log',
    onceRestarted(telling((items) => items.slice(0, 3))),
  ),
  alone(
    1,
    'wrong value',
    'the time of an event after a crash',
    'rest/restart-log',
    onceRestarted(telling((items) => later(items))),
  ),
  alone(
    1,
    'drop',
    'a session after a crash',
    'rest/restart-log',
    onceRestarted(insteadOf(['getHistory', 'submit'], notFound)),
  ),

  // 2. Ids.
  mutant(
    2,
    'off by one',
    'every id',
    'rest/history-ids',
    telling((items) => items.map((item) => ({ ...item, id: Number(item.id) + 1 }))),
  ),
  mutant(
    2,
    'duplicate',
    'an event of the log',
    'rest/history-ids',
    telling((items) => items.flatMap((item, index) => (index === 1 ? [item, item] : [item]))),
  ),
  mutant(
    2,
    'reorder',
    'two events of the log',
    'rest/history-ids',
    telling((items) => [...items.slice(1, 2), ...items.slice(0, 1), ...items.slice(2)]),
  ),
  mutant(
    2,
    'drop',
    'an event of the log',
    'rest/history-ids',
    telling((items) => items.filter((_, index) => index !== 1)),
  ),
  mutant(2, 'wrong value', 'the time of an event, each time it is read', 'rest/history-bytes', (hits) => {
    let reads = 0;
    return telling((items) => later(items, ++reads))(hits);
  }),
  mutant(
    2,
    'off by one',
    'next_after',
    'rest/history-pages',
    answering('getHistory', (body) => {
      if (body.next_after === null) return false;
      body.next_after = Number(body.next_after) + 1;
    }),
  ),
  mutant(
    2,
    'off by one',
    'latest_event_id of a session',
    'rest/session-follows-log',
    answering('getSession', (body) => {
      body.latest_event_id = Number(body.latest_event_id) + 1;
    }),
  ),

  // 3. Resume is lossless.
  mutant(3, 'off by one', 'a cursor: the event at it comes again', 'rest/history-cursor', cursorBy(-1)),
  mutant(3, 'off by one', 'a cursor: the event behind it does not come', 'rest/history-cursor', cursorBy(1)),
  mutant(
    3,
    'drop',
    'a cursor: all events come',
    'rest/history-cursor',
    askingWith(['getHistory'], (request) => {
      const target = request.target.replace(/after=\d+/, 'after=0');
      return target === request.target ? undefined : { ...request, target };
    }),
  ),
];

function later(items: JsonObject[], by = 1): JsonObject[] {
  return items.map((item) => ({ ...item, timestamp: Number(item.timestamp) + by }));
}

function cursorBy(difference: number): Create {
  return askingWith(['getHistory'], (request) => {
    const [, after] = /after=(\d+)/.exec(request.target) ?? [];
    const wrong = Number(after) + difference;
    // A cursor past the end of the log stays one.
    if (after === undefined || wrong < 0 || Number(after) > 1_000) return undefined;
    return { ...request, target: request.target.replace(/after=\d+/, `after=${wrong}`) };
  });
}

function acknowledged(): PassedAnswer {
  const id = '9a1f2f9e-3c5e-4c39-8f6e-8c0c0b6b9b55';
  return json(200, { status: 'submitted', timestamp: Date.now(), submission_id: id, event_id: 2 });
}

function notFound(): PassedAnswer {
  return refusal(404, 'SessionNotFound');
}

/** Each turn starts in the log before its submission is accepted, also where the two are in different pages. */
function swappingStarts(): Create {
  return (hits) => {
    const accepted = new Map<Json | undefined, JsonObject>();
    return telling((items) => {
      for (const item of items) {
        const { payload } = item;
        if (!isObject(payload)) continue;
        const { turn_id, submission_id } = payload;
        if (typeOf(item) === 'submission_accepted' && turn_id !== undefined && submission_id !== undefined) {
          accepted.set(turn_id, payload);
          item.payload = { type: 'turn_started', turn_id, submission_id };
        } else if (typeOf(item) === 'turn_started') item.payload = accepted.get(turn_id) ?? payload;
      }
      return accepted.size > 0 ? items : undefined;
    })(hits);
  };
}
