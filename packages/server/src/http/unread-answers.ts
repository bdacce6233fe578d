import type { ServerResponse } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import { createByteBudget } from '../byte-budget.js';
import type { CheckedLimits } from '../limits.js';

/** The large answers that were sent and that clients have not taken yet. */
export interface UnreadAnswers {
  /**
   * To be called before an answer is made that may be large.
   *
   * @throws ServiceError `TooManyRequests` if its client has too much to take already
   */
  check(sender: string): void;
  /**
   * Counts an answer until its client has taken it, or is gone. A client that takes nothing for a while is gone.
   *
   * @param size characters of the answer
   * @param sender one for each credential
   * @throws ServiceError `TooManyRequests` if too much is waiting to be taken
   */
  add(response: ServerResponse, size: number, sender: string): void;
}

/** The limits of answers. */
export type UnreadLimits = Pick<CheckedLimits, 'maxUnreadSize' | 'maxUnreadSizePerCredential' | 'requestTimeoutMs'>;

/** A smaller answer always passes: a session must stay usable while somebody reads nothing. */
const LARGE = 65_536;

/** Starts to count. */
export function createUnreadAnswers(limits: UnreadLimits): UnreadAnswers {
  const unread = createByteBudget({ inAll: limits.maxUnreadSize, each: limits.maxUnreadSizePerCredential });

  function check(sender: string, size = LARGE): void {
    // Without this: keeps any number of large answers for clients that do not take them
    if (unread.fits(sender, size)) return;
    const message = 'Too much has been asked for and not been taken yet; read the answers, then try again.';
    throw new ServiceError('TooManyRequests', message, { retryAfter: 1 });
  }

  return {
    check: (sender) => check(sender),
    add(response, size, sender) {
      if (size < LARGE) return;
      check(sender, size);
      unread.add(sender, size);
      response.setTimeout(limits.requestTimeoutMs, () => response.destroy());
      response.once('close', () => unread.add(sender, -size));
    },
  };
}
