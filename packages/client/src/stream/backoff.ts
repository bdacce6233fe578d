import { startTimer } from '../timer.js';

/** The waits before another attempt. */
export interface Backoff {
  /** The maximum of the first wait, in milliseconds. It doubles with each attempt. @default 250 */
  readonly base?: number | undefined;
  /** The maximum of all waits, in milliseconds. @default 15_000 // 15 seconds */
  readonly max?: number | undefined;
}

/**
 * The wait before attempt `attempt` (from 0), in milliseconds: exponential with full jitter, so that clients that lost the
 * same server do not come back at the same time.
 */
export function backoffDelay(attempt: number, { base = 250, max = 15_000 }: Backoff = {}): number {
  // The exponent has a maximum: 0 times Infinity would be NaN.
  // Without this: comes back with everybody else
  return Math.random() * Math.min(max, base * 2 ** Math.min(attempt, 100));
}

/** Resolves after this many milliseconds, or rejects with the signal's reason when it is aborted. */
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
