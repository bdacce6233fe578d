import { addTokens } from '@parleyhq/agents';
import type { Event, TurnCompletedEvent } from '@parleyhq/contract';
import type { Journal } from '../journal/journal.js';
import { retryWhileUnavailable } from '../log/retry-while-unavailable.js';

/** Writes the ends of turns. One that could not be written is kept. */
export interface TurnCompletion {
  /** Writes this end, or without one that which is kept. Resolves when it is in the log. */
  write(completed?: TurnCompletedEvent): Promise<void>;
}

/** The options of a completion. */
export interface TurnCompletionOptions {
  readonly journal: Journal;
  /** The events that cancel everything that waits for the user: it ends with the turn. */
  readonly cancellations: () => { events: Event[]; released: () => void };
  /** Whether it must not try again while the log cannot be written. */
  readonly isOver: () => boolean;
}

/** Creates the writer of the ends of a session's turns. */
export function createTurnCompletion({ journal, cancellations, isOver }: TurnCompletionOptions): TurnCompletion {
  let unwritten: TurnCompletedEvent | undefined;

  /** What the session has used together with a turn. */
  function used({ turn_id, usage }: TurnCompletedEvent): Event[] {
    if (usage === undefined) return [];
    const before = journal.head.state.usage ?? {};
    return [{ type: 'usage_updated', turn_id, usage: { ...before, ...addTokens(before, usage) } }];
  }

  return {
    async write(completed = unwritten) {
      unwritten = completed;
      if (completed === undefined) return;
      await retryWhileUnavailable(async () => {
        const open = cancellations();
        await journal.append([...open.events, ...used(completed), completed]);
        open.released();
      }, isOver);
      unwritten = undefined;
    },
  };
}
