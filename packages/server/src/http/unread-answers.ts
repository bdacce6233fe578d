import type { ServerResponse } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import type { CheckedLimits } from '../limits.js';

/** The large answers that were sent and that clients have not taken yet. */
export interface UnreadAnswers {
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
  const bySender = new Map<string, number>();
  let all = 0;
  return {
    add(response, size, sender) {
      if (size < LARGE) return;
      const its = bySender.get(sender) ?? 0;
      // Without this: keeps any number of large answers for clients that do not take them
      if (its + size > limits.maxUnreadSizePerCredential || all + size > limits.maxUnreadSize) {
        const message = 'Too much has been asked for and not been taken yet; read the answers, then try again.';
        throw new ServiceError('TooManyRequests', message, { retryAfter: 1 });
      }
      bySender.set(sender, its + size);
      all += size;
      response.setTimeout(limits.requestTimeoutMs, () => response.destroy());
      response.once('close', () => {
        const left = (bySender.get(sender) ?? 0) - size;
        if (left > 0) bySender.set(sender, left);
        else bySender.delete(sender);
        all -= size;
      });
    },
  };
}
