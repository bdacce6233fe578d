import type { Source } from './documents/locate.js';
import { toCurl } from './wire/curl.js';
import type { Exchange } from './wire/exchange.js';

/** What was seen when a rule was broken. */
export interface BrokenFacts {
  /** What the contract requires, as a phrase: `409 IdempotencyConflict`. */
  readonly expected: string;
  /** What came instead, as a phrase. */
  readonly got: string;
  /** The request and its answer, if they show what is wrong. */
  readonly exchange?: Exchange;
  /** What was sent, if there is no `exchange`, for example the frames of a socket. It never contains a token. */
  readonly sent?: string;
  /** What was received, if there is no `exchange`. */
  readonly received?: string;
  /** A shell command that repeats it, if there is no `exchange`. */
  readonly repeat?: string;
  /** The place of the contract that was broken, if that is more exact than the rule's own source. */
  readonly source?: Source;
}

/** The server breaks a rule. */
export class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
  readonly facts: BrokenFacts;

  constructor(facts: BrokenFacts) {
    super(`expected ${facts.expected}, got ${facts.got}`);
    this.facts = facts;
  }

  /** A shell command that shows it again; undefined if no command can. */
  get repeat(): string | undefined {
    const { repeat, exchange } = this.facts;
    return repeat ?? (exchange && toCurl(exchange.request));
  }
}

/** A rule could not be tried. The message says what is missing. */
export class NotExercised extends Error {
  override readonly name = 'NotExercised';
}

/**
 * Tries each of several cases. A case that fails does not stop the others.
 *
 * @param concurrency How many cases run at the same time.
 * @throws AggregateError with every BrokenRule. Any other error is thrown unchanged.
 */
export async function tryEach<T>(
  cases: readonly T[],
  attempt: (one: T) => Promise<void>,
  concurrency = 4,
): Promise<void> {
  const broken: BrokenRule[] = [];
  const waiting = cases.values();
  const work = async () => {
    for (const one of waiting) {
      try {
        await attempt(one);
      } catch (error) {
        if (error instanceof BrokenRule) broken.push(error);
        else throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  if (broken.length > 0) throw new AggregateError(broken, `${broken.length} of ${cases.length} cases are broken`);
}
