import type { Source } from './documents/locate.js';
import { toCurl } from './wire/curl.js';
import type { Exchange } from './wire/exchange.js';

/** What was seen when a rule was broken. */
export interface BrokenFacts {
  /** What the contract wants, as a phrase: `409 IdempotencyConflict`. */
  readonly expected: string;
  /** What came instead, as a phrase. */
  readonly got: string;
  /** The request and its answer, where one shows it. */
  readonly exchange?: Exchange;
  /** What was sent, where no exchange shows it, such as the frames of a socket; never with a token in it. */
  readonly sent?: string;
  /** What was received, where no exchange shows it. */
  readonly received?: string;
  /** How to repeat it in a shell, where no exchange shows it. */
  readonly repeat?: string;
  /** Where the contract says so, where that is more exact than the rule's own source. */
  readonly source?: Source;
}

/** The server does not keep a rule. */
export class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
  readonly facts: BrokenFacts;

  constructor(facts: BrokenFacts) {
    super(`expected ${facts.expected}, got ${facts.got}`);
    this.facts = facts;
  }

  /** How to see it again in a shell; undefined where a line cannot show it. */
  get repeat(): string | undefined {
    const { repeat, exchange } = this.facts;
    return repeat ?? (exchange && toCurl(exchange.request));
  }
}

/** A rule could not be tried; its message says what is missing. */
export class NotExercised extends Error {
  override readonly name = 'NotExercised';
}

/**
 * Tries each of several cases, all of them whatever the others did.
 *
 * @param places How many run at the same time.
 * @throws AggregateError of every BrokenRule; any other error as it is.
 */
export async function tryEach<T>(cases: readonly T[], attempt: (one: T) => Promise<void>, places = 4): Promise<void> {
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
  await Promise.all(Array.from({ length: places }, work));
  if (broken.length > 0) throw new AggregateError(broken, `${broken.length} of ${cases.length} cases are broken`);
}
