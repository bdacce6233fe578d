import { type EventLog, LogError } from './event-log.js';

/** A log that knows whether it works. */
export interface WatchedLog extends EventLog {
  /** Whether a request has failed and no write has succeeded since. */
  readonly failing: boolean;
}

/**
 * Watches a log. While it fails, a test write is made every `interval` milliseconds, so that it is noticed when the log works
 * again even if nothing is appended.
 */
export function watchLog(log: EventLog, interval = 1_000): WatchedLog {
  let failing = false;
  let checking = false;

  function noteFailure(error: unknown): never {
    if (error instanceof LogError && (error.reason === 'unavailable' || error.reason === 'lost')) {
      failing = true;
      // Without this: stays degraded until somebody writes
      if (!checking) setTimeout(check, interval).unref();
      checking = true;
    }
    throw error;
  }

  function noteWrite(): void {
    failing = false;
  }

  async function check(): Promise<void> {
    checking = false;
    if (failing)
      await log
        .check()
        .then(noteWrite, noteFailure)
        .catch(() => undefined);
  }

  return {
    ...log,
    get failing() {
      return failing;
    },
    append: (...asked) => log.append(...asked).then(noteWrite, noteFailure),
    read: (...asked) => log.read(...asked).catch(noteFailure),
    findIdempotent: (...asked) => log.findIdempotent(...asked).catch(noteFailure),
  };
}
