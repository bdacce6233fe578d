import { type EventLog, LogError } from './event-log.js';

/** A log, and whether it fails. */
export interface WatchedLog extends EventLog {
  /** The last append could not be written, and nothing has been since. */
  readonly failing: boolean;
}

/**
 * Watches the appends to a log. While it fails, it is tried every `interval` milliseconds, so that it is known to work
 * again also where nobody has anything to append.
 */
export function watchLog(log: EventLog, interval = 1_000): WatchedLog {
  let failing = false;
  let checking = false;

  function failed(error: unknown): void {
    const reason = error instanceof LogError ? error.reason : 'unavailable';
    failing = reason === 'unavailable' || reason === 'lost';
    if (!failing || checking) return;
    checking = true;
    setTimeout(check, interval).unref();
  }

  async function check(): Promise<void> {
    checking = false;
    if (failing) await watched(log.check()).catch(() => undefined);
  }

  async function watched(written: Promise<void>): Promise<void> {
    try {
      await written;
      failing = false;
    } catch (error) {
      failed(error);
      throw error;
    }
  }

  return {
    ...log,
    get failing() {
      return failing;
    },
    append: (sessionId, expectedLastId, entries) => watched(log.append(sessionId, expectedLastId, entries)),
  };
}
