import { setTimeout as delay } from 'node:timers/promises';
import { LogError } from '../event-log.js';
import type { WorkerOptions } from './sqlite-operations.js';
import { type SqliteThread, startSqliteThread } from './sqlite-thread.js';

/** Milliseconds before a new thread is started; doubled with each, until one has lasted. */
const FIRST_DELAY = 20;
const LONGEST_DELAY = 5_000;
/** Milliseconds after which a thread has lasted. */
const LASTED = 10_000;

/**
 * Keeps a thread for the database: where one dies, of an error or of memory, another takes its place. What is asked
 * between two threads waits for the next one, and is `unavailable` if that cannot be started either. What the dead one
 * was asked is `lost`, and not asked again here: its caller knows what is safe to repeat.
 *
 * @param lost Called with the reason each time a thread is lost or could not be started, before the next try.
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
    wait = performance.now() - started < LASTED ? Math.min(2 * wait, LONGEST_DELAY) : FIRST_DELAY;
    // Without this: does not start the thread of the log again
    thread = startAfter(wait);
    // Before those who wait for it are told: what they ask then waits for the one after.
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
