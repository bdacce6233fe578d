import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '@parleyhq/contract';

/** Milliseconds between two tries to write to a log that cannot be written. */
const RETRY = 250;

/** Writes to the log, again and again while it cannot be written, until `isOver` says that it is no use. */
export async function patiently<T>(write: () => Promise<T>, isOver: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (isOver() || !(error instanceof ServiceError && error.code === 'Unavailable')) throw error;
      await delay(RETRY);
    }
  }
}

/** For `patiently`: it is no use once so many milliseconds are over. */
export function overAfter(patience: number): () => boolean {
  const began = performance.now();
  return () => performance.now() - began >= patience;
}
