import { startTimer } from '../timer.js';

/** How long to wait before another attempt. */
export interface Backoff {
  /** The longest first wait, in milliseconds. @default 250 */
  readonly base?: number | undefined;
  /** The longest wait of all, in milliseconds. @default 15_000 // 15 seconds */
  readonly max?: number | undefined;
}

/**
 * The wait before attempt `attempt` (from 0), in milliseconds: exponential with full jitter, so that clients which lost
 * the same server do not come back together.
 */
export function backoffDelay(attempt: number, { base = 250, max = 15_000 }: Backoff = {}): number {
  // The power stays a number that 0 can be multiplied by.
  // Without this: comes back with everybody else
  return Math.random() * Math.min(max, base * 2 ** Math.min(attempt, 100));
}

/** Resolves after so many milliseconds, or rejects with the signal's reason once it is aborted. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stopTimer = startTimer(milliseconds, finish);
    signal.addEventListener('abort', finish, { once: true });
    function finish(): void {
      stopTimer();
      signal.removeEventListener('abort', finish);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }
  });
}
