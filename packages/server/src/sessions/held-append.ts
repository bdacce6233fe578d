import type { Event } from '@parleyhq/contract';
import type { Journal } from '../journal/journal.js';
import { afterMilliseconds, retryWhileUnavailable } from '../log/retry-while-unavailable.js';
import type { TurnEnd } from './turns.js';

/**
 * Appends what comes of an agent, again and again while the log cannot be written; meanwhile the agent is held back.
 * `events` are asked for at each try: none, where nobody wants them any more.
 *
 * @throws ServiceError `Unavailable` when patience is over; the turn is being ended by then.
 */
export type HeldAppend = (events: () => readonly Event[]) => Promise<readonly number[]>;

/** `patience` is in milliseconds; once it is over, or where the log refuses for good, the turn is ended. */
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
