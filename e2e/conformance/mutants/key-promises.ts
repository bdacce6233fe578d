import { headerOf, type PassedAnswer } from '../proxy/change.js';
import { alone, type Mutant, mutant } from './mutant.js';
import { askingWith, type Create, editEvents, isFor, onceRestarted, telling, typeOf, without } from './wrongly.js';

/** Servers that break the promise that commands are idempotent, over REST. */
export const keyPromiseMutants: readonly Mutant[] = [
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
        editEvents(items, 'turn_completed', (payload) => {
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
];

function withoutKey(request: Parameters<typeof without>[0]) {
  return headerOf(request.headers, 'idempotency-key') === undefined ? undefined : without(request, 'Idempotency-Key');
}

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
