import { createHash } from 'node:crypto';
import { ServiceError } from '@parleyhq/contract';
import type { EventLog, IdempotencyScope } from '../log/event-log.js';
import type { SessionFold } from './fold.js';
import type { RecordOf } from './journal.js';

/** The answer to a command, and whether an earlier request with the same key has already got it. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly repeated: boolean;
  /** The event that the command caused, if the answer was found in the log. */
  readonly eventId?: number | undefined;
}

/** Computes the answer to a command from the ids of its events and the state after them. */
export type AnswerOf<Answer> = (ids: readonly number[], reached: SessionFold) => Answer;

/** Creates the record that is appended with a command's events; undefined for a command without a key. */
export type RecordAnswer<Answer> = ((answer: AnswerOf<Answer>) => RecordOf) | undefined;

/** Makes commands safe to repeat (promise 4). */
export interface Idempotency {
  /**
   * Runs a command, unless one with the same scope was run before or is running: then its answer is returned again. `command`
   * must pass the result of `record` to its append.
   *
   * @throws ServiceError `IdempotencyConflict` when the earlier request had another body.
   */
  once<Answer>(
    scope: Omit<IdempotencyScope, 'key'> & { readonly key: string | undefined },
    body: unknown,
    command: (record: RecordAnswer<Answer>) => Promise<Answer>,
  ): Promise<Answered<Answer>>;
}

/** Creates idempotency with the records of a log. Refusals are not stored: only a command that caused an event has a record. */
export function createIdempotency(log: EventLog): Idempotency {
  const running = new Map<string, { bodyHash: string; answered: Promise<Answered<unknown>> }>();

  return {
    async once<Answer>(
      { key, ...rest }: Omit<IdempotencyScope, 'key'> & { readonly key: string | undefined },
      body: unknown,
      command: (record: RecordAnswer<Answer>) => Promise<Answer>,
    ): Promise<Answered<Answer>> {
      if (key === undefined) return { answer: await command(undefined), repeated: false };
      const scope: IdempotencyScope = { ...rest, key };
      // Without this: takes the same body in another order for another
      const bodyHash = createHash('sha256')
        .update(JSON.stringify(canonical(body)))
        .digest('hex');
      // Without this: gives one account the answer of another
      const name = JSON.stringify([scope.account, scope.operation, scope.session ?? null, key]);
      const first = running.get(name);
      if (first !== undefined) {
        checkSameBody(first.bodyHash, bodyHash, key);
        return { answer: (await first.answered).answer as Answer, repeated: true };
      }
      const answered = (async (): Promise<Answered<Answer>> => {
        const stored = await log.findIdempotent(scope);
        if (stored !== undefined) {
          checkSameBody(stored.bodyHash, bodyHash, key);
          return { answer: JSON.parse(stored.answer) as Answer, repeated: true, eventId: stored.eventId };
        }
        const record =
          (answer: AnswerOf<Answer>): RecordOf =>
          (ids, reached) => ({ ...scope, bodyHash, answer: JSON.stringify(answer(ids, reached)) });
        return { answer: await command(record), repeated: false };
      })();
      // Without this: carries a command out again while it is being carried out
      running.set(name, { bodyHash, answered });
      try {
        return await answered;
      } finally {
        // Without this: keeps refusals
        running.delete(name);
      }
    },
  };
}

function checkSameBody(first: string, second: string, key: string): void {
  // Without this: gives the answer to another body
  if (first === second) return;
  throw new ServiceError('IdempotencyConflict', `The key ${key} was used with another body.`);
}

/** The same value with sorted keys, so that the order in which a client writes them does not matter. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, of]) => [key, canonical(of)]),
  );
}
