import type { Event } from '@parleyhq/contract';
import type { Journal } from '../journal/journal.js';
import { afterMilliseconds, retryWhileUnavailable } from '../log/retry-while-unavailable.js';
import type { TurnEnd } from './turn-end.js';

/**
 * Appends events of an agent. While the log cannot be written, it retries and the agent is paused. `events` is called for each
 * attempt; it returns an empty list if the events are no longer wanted.
 *
 * @throws ServiceError `Unavailable` when the time for retries is over. The turn is being ended then.
 */
export type HeldAppend = (events: () => readonly Event[]) => Promise<readonly number[]>;

/** Creates it. After `patience` milliseconds, or if the log refuses for another reason, the turn is ended. */
export function createHeldAppend(
  journal: Journal,
  { patience, abort }: { readonly patience: number; readonly abort: (end: TurnEnd) => void },
): HeldAppend {
  return async (events) => {
    try {
      // Without this: loses what an agent says while the log cannot be written
      return await retryWhileUnavailable(async () => journal.append(events()), afterMilliseconds(patience));
    } catch (error) {
      const cause = 'log_unavailable';
      const message = error instanceof Error ? error.message : String(error);
      abort({ status: 'failed', cause, error: { code: cause, message, timestamp: Date.now() } });
      throw error;
    }
  };
}
