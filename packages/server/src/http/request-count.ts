import type { ServerResponse } from 'node:http';
import { ServiceError } from '@parleyhq/contract';

/** The requests that are being answered, for each credential. */
export interface RequestCount {
  /**
   * Counts a request until it has been answered, or its client is gone.
   *
   * @throws ServiceError `TooManyRequests` if too many of this credential are being answered
   */
  add(response: ServerResponse, credential: string): void;
}

/** Starts to count. Each credential may have as many requests at the same time. */
export function createRequestCount(most: number): RequestCount {
  const counts = new Map<string, number>();
  return {
    add(response, credential) {
      const count = counts.get(credential) ?? 0;
      // Without this: works on any number of requests of one client at once
      if (count >= most) {
        const message = `At most ${most} requests of a token are answered at the same time; wait for one to end.`;
        throw new ServiceError('TooManyRequests', message, { retryAfter: 1 });
      }
      counts.set(credential, count + 1);
      response.once('close', () => {
        const left = (counts.get(credential) ?? 0) - 1;
        if (left > 0) counts.set(credential, left);
        else counts.delete(credential);
      });
    },
  };
}
