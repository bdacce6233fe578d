import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '@parleyhq/contract';

/** Milliseconds between two attempts to write to a log that cannot be written. */
const RETRY = 250;

/** Writes to the log and repeats the attempt while it is `Unavailable`, until `isOver` returns true. */
export async function retryWhileUnavailable<T>(write: () => Promise<T>, isOver: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (isOver() || !(error instanceof ServiceError && error.code === 'Unavailable')) throw error;
      await delay(RETRY);
    }
  }
}

/** An `isOver` for `retryWhileUnavailable`: true once this many milliseconds have passed. */
export function afterMilliseconds(patience: number): () => boolean {
  const began = performance.now();
  return () => performance.now() - began >= patience;
}
