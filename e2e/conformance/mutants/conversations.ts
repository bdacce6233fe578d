import { withHeader } from '../proxy/change.js';
import { isObject, type JsonObject } from './edit-json.js';
import { alone, type Mutant, mutant } from './mutant.js';
import {
  askingWith,
  type Create,
  closing,
  hearing,
  onceRestarted,
  onEvent,
  onFrame,
  speaking,
  subjectsOf,
  typeOf,
} from './wrongly.js';

/** Servers that treat frames of a client wrongly, or close sockets wrongly. */
export const conversationMutants: readonly Mutant[] = [
  // 4. Commands are idempotent.
  mutant(
    4,
    'skip a check',
    'a submission_id on the socket',
    'events/duplicate-submission',
    speaking((frame) => {
      if (!isObject(frame.payload) || frame.payload.submission_id === undefined) return undefined;
      const { submission_id: _, ...payload } = frame.payload;
      return [{ ...frame, payload }];
    }),
  ),
  mutant(
    4,
    'off by one',
    'the event_id of DuplicateSubmission',
    'events/duplicate-submission',
    onFrame(
      'error',
      (payload) => payload.event_id !== undefined && Object.assign(payload, { event_id: Number(payload.event_id) + 1 }),
    ),
  ),
  alone(
    4,
    'wrong value',
    'the cause of a turn that a crash cut off, on the socket',
    'events/restart-turn',
    onceRestarted(
      onEvent('turn_completed', (payload) => {
        payload.cause = 'agent_error';
      }),
    ),
  ),
  alone(
    4,
    'skip a check',
    'a key after a crash, as a socket sees it',
    'events/restart-keys',
    onceRestarted(
      askingWith(['submit'], (request) => ({
        ...request,
        headers: withHeader(request.headers, 'Idempotency-Key', undefined),
      })),
    ),
  ),

  // 6. No session hangs.
  mutant(6, 'drop', 'turn_completed, on the socket', 'events/turn', dropping('turn_completed')),
  mutant(
    6,
    'duplicate',
    'turn_completed, on the socket',
    'events/turn',
    hearing((frame) => (typeOf(frame) === 'turn_completed' ? [frame, frame] : undefined)),
  ),
  mutant(
    6,
    'skip a check',
    'an interrupt on the socket does nothing',
    'events/interrupt',
    speaking((frame) =>
      isObject(frame.payload) && frame.payload.type === 'interrupt'
        ? [{ ...frame, payload: { ...frame.payload, turn_id: '00000000-0000-4000-8000-000000000000' } }]
        : undefined,
    ),
  ),
  alone(
    6,
    'drop',
    'the end of a question after a crash',
    'events/restart-approval',
    onceRestarted(dropping('approval_resolved')),
  ),
  mutant(
    6,
    'reorder',
    'queued turns, on the socket',
    'events/queue',
    onEvent('turn_started', (payload) => {
      payload.submission_id = 'another';
    }),
  ),
  mutant(
    9,
    'skip a check',
    'a second answer, on the socket',
    'events/approval',
    onFrame(
      'error',
      (payload) => payload.code === 'ApprovalResolved' && Object.assign(payload, { code: 'ApprovalNotFound' }),
    ),
  ),
  mutant(
    9,
    'drop',
    'the answer to a question, on the socket',
    'events/elicitation',
    onEvent('elicitation_resolved', (payload) => delete payload.content),
  ),
  mutant(
    9,
    'drop',
    'the new value of an option, on the socket',
    'events/configure',
    onEvent('session_updated', (payload) => payload.current_mode !== undefined && delete payload.current_mode),
  ),
  mutant(
    9,
    'wrong code',
    'the refusal of a submission',
    'events/refused-submission',
    onFrame('error', (payload) => {
      payload.code = 'InternalError';
    }),
  ),
  mutant(
    9,
    'wrong code',
    'QueueFull, over the socket',
    'events/queue-full',
    onFrame('error', (payload) => {
      payload.code = 'InvalidRequest';
    }),
  ),
  mutant(
    9,
    'skip a check',
    'of a queue that is full: what it does not take is told of as an event',
    'events/queue-full',
    hearing((frame, { state }) => {
      if (frame.type !== 'error') {
        if (typeOf(frame) === 'submission_accepted') state.set('accepted', frame);
        return undefined;
      }
      const { id, ...accepted } = state.get('accepted') as JsonObject;
      return [{ ...accepted, id: Number(id) + 1 }, frame];
    }),
  ),

  // 8. Unknown is not fatal: a frame that does not fit is answered, and the socket stays.
  ...subjectsOf('events/bad-frame').flatMap((subject) => [
    mutant(
      8,
      'drop',
      `the error in answer to ${subject}`,
      `events/bad-frame (${subject})`,
      hearing((frame) => (frame.type === 'error' ? [] : undefined)),
    ),
    mutant(
      8,
      'wrong code',
      `the error in answer to ${subject}`,
      `events/bad-frame (${subject})`,
      onFrame('error', (payload) => {
        payload.code = 'InternalError';
      }),
    ),
    mutant(
      8,
      'wrong value',
      `the socket is cut after ${subject}`,
      `events/bad-frame (${subject})`,
      hearing((frame, { state }) => {
        if (state.has('bad')) throw new Error('cut');
        if (frame.type === 'error') state.set('bad', true);
        return undefined;
      }),
    ),
  ]),
  mutant(8, 'skip a check', 'how many bad frames come in a row', 'events/bad-frames', closing(4400, 1000)),

  // Limits, liveness, closing.
  mutant(9, 'wrong code', '1009', 'events/long-frame', closing(1009, 1011)),
  mutant(9, 'wrong code', '1007', 'events/invalid-utf8', closing(1007, 1011)),
  mutant(9, 'wrong code', '1000', 'events/close-1000', closing(1000, 1001)),
  mutant(9, 'drop', 'session_closed, on the socket', 'events/close-1000', dropping('session_closed')),
  mutant(9, 'wrong code', '1000, of a session that is purged', 'events/close-purged', closing(1000, 1001)),
  mutant(9, 'wrong code', '4401', 'events/close-4401', closing(4401, 1000)),
  mutant(
    9,
    'wrong code',
    'TooManyRequests, on the socket',
    'events/fast-frames',
    onFrame('error', (payload) => {
      payload.code = 'InvalidRequest';
    }),
  ),
  mutant(9, 'drop', 'the pong', 'events/ping', () => ({ socket: () => ({ dropsPongs: true }) })),
  mutant(
    9,
    'off by one',
    'latest_event_id of a heartbeat',
    'events/heartbeat',
    onFrame('heartbeat', (payload) => {
      payload.latest_event_id = Number(payload.latest_event_id) + 1;
    }),
  ),
  mutant(
    9,
    'drop',
    'in_reply_to of a heartbeat',
    'events/heartbeat',
    onFrame('heartbeat', (payload) => payload.in_reply_to !== undefined && delete payload.in_reply_to),
  ),
  mutant(9, 'wrong value', 'a client that sends nothing is cut off', 'events/silent-client', () => ({
    socket: () => ({ cutAfter: 1_000 }),
  })),
];

function dropping(type: string): Create {
  return hearing((frame) => (typeOf(frame) === type ? [] : undefined));
}
