import { asyncapi, at, elements, openapi, resolve } from './documents.js';
import { editText, isObject, type Json, type JsonObject, parseJson } from './edit-json.js';
import { type FieldMutation, mutateFields } from './fields.js';
import type { Hits, Mutant } from './mutant.js';
import { answering } from './wrongly.js';

/** For each frame, and for each variant of events, the fastest rule during which it comes. */
const PROVOKED_BY: Readonly<Record<string, readonly string[]>> = {
  connection_ack: ['events/ack'],
  heartbeat: ['events/heartbeat'],
  error: ['events/refused-submission'],
  session_created: ['events/replay'],
  session_updated: ['events/turn', 'events/configure'],
  session_closed: ['events/close-1000'],
  submission_accepted: ['events/interrupt', 'events/submission'],
  item_updated: ['events/approval'],
  plan_updated: ['events/turn'],
  approval_requested: ['events/approval'],
  approval_resolved: ['events/approval'],
  elicitation_requested: ['events/elicitation'],
  elicitation_resolved: ['events/elicitation'],
};
/** For each variant of events, the fastest rule during which history shows it. */
const LOGGED_BY: Readonly<Record<string, readonly string[]>> = {
  session_created: ['rest/history-ids', 'rest/fork'],
  session_updated: ['rest/turn-ends', 'rest/configure'],
  session_closed: ['rest/close'],
  submission_accepted: ['rest/turn', 'rest/history-ids'],
  item_updated: ['rest/approval'],
  approval_requested: ['rest/patch-direct'],
  approval_resolved: ['rest/patch-direct'],
  elicitation_requested: ['rest/elicitation'],
  elicitation_resolved: ['rest/elicitation'],
  patch_updated: ['rest/patch-direct'],
  patch_applied: ['rest/patch-direct', 'rest/patch-isolated'],
  patch_reverted: ['rest/patch-direct', 'rest/patch-isolated'],
  turn_started: ['rest/turn', 'rest/agent-turn'],
  turn_completed: ['rest/turn-ends', 'rest/agent-turn'],
};

const FRAMES: readonly (readonly [type: string, schema: Json | undefined, home: JsonObject])[] = [
  ['connection_ack', at(asyncapi, 'components', 'schemas', 'ConnectionAckFrame'), asyncapi],
  ['heartbeat', at(asyncapi, 'components', 'schemas', 'ServerHeartbeatFrame'), asyncapi],
  ['error', at(asyncapi, 'components', 'schemas', 'ErrorFrame'), asyncapi],
  ['event', at(openapi, 'components', 'schemas', 'EventFrame'), openapi],
];

/** Frames of the server that do not fit the documents, for each field of each type. */
export const frameMutants: readonly Mutant[] = FRAMES.flatMap(([type, schema, home]) =>
  mutateFields(schema, home).map((mutation) => {
    const provokedBy = PROVOKED_BY[type] ?? ['events/submission'];
    return {
      ...{ promise: 9, operator: mutation.operator, place: `/${mutation.path.join('/')} of the frame ${type}` },
      ...{ killedBy: killerOf(type, mutation) ?? provokedBy.join(), provokedBy },
      create: onSocket((frame) => frame.type === type, mutation),
    };
  }),
);

/** The rule that has to fail. Undefined if the frame becomes an unknown one, which is legal: then a rule misses it. */
function killerOf(type: string, { operator, path }: FieldMutation): string | undefined {
  if (path.join() !== 'type') return `events/frame (${type})`;
  return operator === 'wrong value' ? undefined : 'events/frame (none of the contract)';
}

/** Events that do not fit the documents, for each field of each variant, on the socket and in history. */
export const eventMutants: readonly Mutant[] = elements(at(openapi, 'components', 'schemas', 'Event', 'oneOf')).flatMap(
  (variant) => {
    const schema = resolve(variant);
    const type = String(at(schema, 'properties', 'type', 'const'));
    return mutateFields(schema, openapi)
      .filter(({ operator, path }) => !(operator === 'wrong value' && path.join() === 'type')) // an unknown event is legal
      .flatMap(({ operator, path, edit }) => {
        const whole = { operator, edit, path: ['payload', ...path] };
        const field = `/${path.join('/')} of ${type}`;
        return [
          {
            ...{ promise: 9, operator, place: `${field}, on the socket`, killedBy: 'events/frame (event)' },
            provokedBy: PROVOKED_BY[type] ?? ['events/turn'],
            create: onSocket((frame) => at(frame, 'payload', 'type') === type, whole),
          },
          {
            ...{ promise: 9, operator, place: `${field}, in history`, killedBy: 'rest/answer-body (getHistory)' },
            provokedBy: LOGGED_BY[type] ?? ['rest/turn'],
            create: answering('getHistory', (body) => {
              const items = elements(body.items).filter((item) => at(item, 'payload', 'type') === type);
              return items.filter((item) => change(item, whole)).length > 0;
            }),
          },
        ];
      });
  },
);

function onSocket(isMeant: (frame: JsonObject) => boolean, { path, edit }: FieldMutation) {
  return (hits: Hits) => ({
    socket: () => ({
      fromServer(message: string) {
        const frame = parseJson(message);
        const changed = isObject(frame) && isMeant(frame) ? editText(message, path, edit) : undefined;
        if (changed !== undefined) hits.count += 1;
        return [changed ?? message];
      },
    }),
  });
}

function change(item: Json, { path, edit }: FieldMutation): boolean {
  const text = editText(JSON.stringify(item), path, edit);
  if (text === undefined || !isObject(item)) return false;
  Object.assign(item, { payload: null }, parseJson(text));
  return true;
}
