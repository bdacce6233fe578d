import { setTimeout as delay } from 'node:timers/promises';
import { LogError } from '../event-log.js';
import type { WorkerOptions } from './sqlite-operations.js';
import { type SqliteThread, startSqliteThread } from './sqlite-thread.js';

/** Milliseconds before a new thread is started. The delay doubles with each failure, until a thread has been stable. */
const FIRST_DELAY = 20;
const LONGEST_DELAY = 5_000;
/** A thread that ran for this many milliseconds counts as stable. */
const STABLE_AFTER = 10_000;

/**
 * Keeps a thread for the database running: if it dies, for example for lack of memory, another one is started. Requests that
 * come before the next thread runs wait for it, and are `unavailable` if it cannot be started. Pending requests of the dead
 * thread are `lost`. They are not repeated here, since only the caller knows what is safe to repeat.
 *
 * @param lost Called with the reason each time a thread has died or could not be started, before the next attempt.
 * @throws LogError `unavailable` if the first thread cannot open the database.
 */
export async function keepSqliteThread(options: WorkerOptions, lost: (error: LogError) => void): Promise<SqliteThread> {
  const closing = new AbortController();
  let started = performance.now();
  let wait = FIRST_DELAY;
  let thread = Promise.resolve(await startSqliteThread(options, replace));

  function replace(error: LogError): void {
    if (closing.signal.aborted) return;
    lost(error);
    wait = performance.now() - started < STABLE_AFTER ? Math.min(2 * wait, LONGEST_DELAY) : FIRST_DELAY;
    // Without this: does not start the thread of the log again
    thread = startAfter(wait);
    // This handler runs before those of waiting callers, so that their next request waits for the next thread.
    thread.catch(replace);
  }

  async function startAfter(ms: number): Promise<SqliteThread> {
    await delay(ms, undefined, { signal: closing.signal }).catch(() => refuseClosed());
    started = performance.now();
    return startSqliteThread(options, replace);
  }

  function refuseClosed(): void {
    if (closing.signal.aborted) throw new LogError('closed', 'the log is closed');
  }

  return {
    async call(name, input) {
      refuseClosed();
      return (await thread).call(name, input);
    },

    async close() {
      closing.abort();
      const last = await thread.catch(() => undefined);
      await last?.close();
    },
  };
}
