import { headerOf, type PassedAnswer } from '../proxy/change.js';
import { isObject, type JsonObject } from './edit-json.js';
import type { Mutant } from './mutant.js';
import {
  answering,
  asking,
  askingWith,
  type Create,
  insteadOf,
  isFor,
  json,
  onceRestarted,
  telling,
  typeOf,
  without,
} from './wrongly.js';

/** What breaks a promise by what a server does, and not by the shape of what it says. */
export const promiseMutants: readonly Mutant[] = [
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
      edit(items, 'submission_accepted', ({ submission }) => {
        if (isObject(submission)) submission.metadata = {};
      }),
    ),
  ),
  mutant(
    1,
    'reorder',
    'submission_accepted and turn_started',
    'rest/turn',
    telling((items) =>
      edit(items, 'turn_started', (payload, item) => {
        const accepted = items.find((one) => typeOf(one) === 'submission_accepted');
        if (accepted !== undefined) [item.payload, accepted.payload] = [accepted.payload ?? null, payload];
      }),
    ),
  ),
  mutant(
    1,
    'drop',
    'the text of a message in the log',
    'rest/random-message',
    telling((items) =>
      edit(items, 'submission_accepted', ({ submission }) => {
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

  // 4. Commands are idempotent.
  mutant(
    4,
    'skip a check',
    'the key of createSession',
    'rest/idempotent-create',
    askingWith(['createSession'], withoutKey),
  ),
  mutant(4, 'skip a check', 'the key of submit', 'rest/idempotent-submit', askingWith(['submit'], withoutKey)),
  mutant(4, 'skip a check', 'the key of apply_patch', 'rest/patch-direct', askingWith(['applyPatch'], withoutKey)),
  mutant(4, 'skip a check', 'the key of revert_patch', 'rest/patch-direct', askingWith(['revertPatch'], withoutKey)),
  mutant(
    4,
    'skip a check',
    'a key beside another submission_id',
    'rest/key-and-submission-id',
    askingWith(['submit'], withoutKey),
  ),
  mutant(
    4,
    'wrong value',
    'a key: refusals are kept, too',
    'rest/refusal-not-kept',
    remembering(
      () => true,
      (key, target) => `${key} ${target}`,
    ),
  ),
  mutant(
    4,
    'wrong value',
    'a key: it is of every session',
    'rest/key-scope',
    remembering(
      ({ status }) => status < 300,
      (key) => key,
    ),
  ),
  mutant(
    4,
    'wrong value',
    'a key: it is of every account',
    'rest/other-account-key',
    remembering(
      ({ status }) => status < 300,
      (key, target) => `${key} ${target}`,
    ),
  ),
  alone(
    4,
    'skip a check',
    'a key after a crash',
    'rest/restart-keys',
    onceRestarted(askingWith(['createSession', 'submit'], withoutKey)),
  ),
  alone(
    4,
    'wrong value',
    'the cause of a turn that a crash cut off',
    'rest/restart-turn',
    onceRestarted(
      telling((items) =>
        edit(items, 'turn_completed', (payload) => {
          if (payload.cause !== 'server_restarted') return false;
          payload.cause = 'agent_exited';
        }),
      ),
    ),
  ),
  alone(
    4,
    'drop',
    'a queued turn after a crash',
    'rest/restart-turn',
    onceRestarted(
      telling((items) =>
        items.filter((item) => !(typeOf(item) === 'turn_completed' && Object(item.payload).status === 'refused')),
      ),
    ),
  ),

  // 6. No session hangs.
  mutant(
    6,
    'drop',
    'turn_completed',
    'rest/turn-ends (fail)',
    telling((items) => items.filter((item) => typeOf(item) !== 'turn_completed')),
  ),
  mutant(
    6,
    'duplicate',
    'turn_completed',
    'rest/turn',
    telling((items) => items.flatMap((item) => (typeOf(item) === 'turn_completed' ? [item, item] : [item]))),
  ),
  ...['plan', 'crash', 'fail', 'limit', 'refuse'].map((name) =>
    mutant(
      6,
      'wrong value',
      `the cause of the end of /${name}`,
      `rest/turn-ends (${name})`,
      telling((items) =>
        edit(items, 'turn_completed', (payload) => {
          payload.cause = 'max_turn_requests';
        }),
      ),
    ),
  ),
  mutant(
    6,
    'skip a check',
    'an interrupt: it is taken and does nothing',
    'rest/interrupt',
    asking('submit', (body) => {
      if (body.type !== 'interrupt') return false;
      body.turn_id = '00000000-0000-4000-8000-000000000000';
    }),
  ),
  mutant(
    6,
    'skip a check',
    'approval_timeout',
    'rest/approval-timeout',
    asking('createSession', (body) => delete body.approval_timeout),
  ),
  mutant(
    6,
    'wrong value',
    'who let a question time out',
    'rest/approval-timeout',
    telling((items) =>
      edit(items, 'approval_resolved', (payload) => {
        payload.by = 'user';
      }),
    ),
  ),
  mutant(
    6,
    'drop',
    'what becomes of a question whose turn was interrupted',
    'rest/question-interrupted',
    telling((items) => items.filter((item) => typeOf(item) !== 'approval_resolved')),
  ),

  // 7. A patch needs consent.
  mutant(
    7,
    'skip a check',
    'consent: the edit is allowed by policy',
    'rest/patch-direct',
    asking('createSession', (body) => {
      body.approval_policy = 'auto';
    }),
  ),
  mutant(
    7,
    'skip a check',
    'which patch is applied',
    'rest/patch-direct',
    asking('applyPatch', (body) => delete body.patch_id),
  ),
  mutant(
    7,
    'drop',
    'the files of a patch that is applied',
    'rest/patch-direct',
    insteadOf(['applyPatch'], () =>
      json(200, {
        status: 'applied',
        timestamp: Date.now(),
        patch_id: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f08',
        files: [],
      }),
    ),
  ),
  mutant(
    7,
    'drop',
    'the diff of a patch',
    'rest/patch-direct',
    answering('getPatch', (body) => {
      body.diff = '';
    }),
  ),
  mutant(
    7,
    'drop',
    'a file of a patch',
    'rest/patch-isolated',
    answering('getPatch', (body) => {
      if (Array.isArray(body.files)) body.files.pop();
    }),
  ),
  mutant(
    7,
    'skip a check',
    'a rejection: it is taken for consent',
    'rest/patch-rejected',
    asking('submit', (body) => {
      if (body.decision !== 'reject_once') return false;
      body.decision = 'allow_once';
    }),
  ),
  mutant(
    7,
    'skip a check',
    'the copy: the agent works in cwd',
    'rest/patch-isolated',
    asking('createSession', (body) => {
      if (body.workspace !== 'isolated') return false;
      body.workspace = 'direct';
      body.approval_policy = 'auto';
    }),
  ),
  mutant(
    7,
    'wrong value',
    'applicable, where it is in the way of something',
    'rest/patch-isolated',
    answering('getPatch', (body) => {
      if (body.applicable === true) return false;
      body.applicable = true;
    }),
  ),
  alone(
    7,
    'drop',
    'a pending patch after a crash',
    'rest/restart-patch',
    onceRestarted(insteadOf(['getPatch'], () => error(409, 'NoPendingPatch'))),
  ),
];

/** A mutant of a promise that shares its server with others. */
function mutant(
  promise: number,
  operator: Mutant['operator'],
  place: string,
  killedBy: string,
  create: Create,
): Mutant {
  return { promise, operator, place, killedBy, create };
}

function alone(...args: Parameters<typeof mutant>): Mutant {
  return { ...mutant(...args), alone: true };
}

/** Changes the events of a type; undefined where there was none, or none that was changed. */
function edit(
  items: JsonObject[],
  type: string,
  change: (payload: JsonObject, item: JsonObject) => unknown,
): JsonObject[] | undefined {
  const changed = items.filter(
    (item) => isObject(item.payload) && item.payload.type === type && change(item.payload, item) !== false,
  );
  return changed.length > 0 ? items : undefined;
}

function later(items: JsonObject[], by = 1): JsonObject[] {
  return items.map((item) => ({ ...item, timestamp: Number(item.timestamp) + by }));
}

function cursorBy(difference: number): Create {
  return askingWith(['getHistory'], (request) => {
    const [, after] = /after=(\d+)/.exec(request.target) ?? [];
    const wrong = Number(after) + difference;
    // What is ahead of the log stays so.
    if (after === undefined || wrong < 0 || Number(after) > 1_000) return undefined;
    return { ...request, target: request.target.replace(/after=\d+/, `after=${wrong}`) };
  });
}

function withoutKey(request: Parameters<typeof without>[0]) {
  return headerOf(request.headers, 'idempotency-key') === undefined ? undefined : without(request, 'Idempotency-Key');
}

/** Remembers answers by key where the server does not, or not so. */
function remembering(
  keeps: (answer: PassedAnswer) => boolean,
  nameOf: (key: string, target: string) => string,
): Create {
  return (hits) => {
    const kept = new Map<string, PassedAnswer>();
    const of = (request: Parameters<typeof without>[0]) => {
      const key = headerOf(request.headers, 'idempotency-key');
      return key === undefined ? undefined : nameOf(key, request.target);
    };
    return {
      instead(request) {
        const name = of(request);
        const answer = name === undefined ? undefined : kept.get(name);
        if (answer !== undefined) hits.count += 1;
        return answer;
      },
      answer(answer, request) {
        const name = of(request);
        if (name !== undefined && isFor(request, 'createSession', 'submit') && keeps(answer)) kept.set(name, answer);
        return answer;
      },
    };
  };
}

function acknowledged(): PassedAnswer {
  const id = '9a1f2f9e-3c5e-4c39-8f6e-8c0c0b6b9b55';
  return json(200, { status: 'submitted', timestamp: Date.now(), submission_id: id, event_id: 2 });
}

function notFound(): PassedAnswer {
  return error(404, 'SessionNotFound');
}

function error(status: number, code: string): PassedAnswer {
  return json(status, {
    code,
    message: 'Not here.',
    timestamp: Date.now(),
    request_id: '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11',
  });
}
