import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { onTestFinished } from 'vitest';
import type { LogEntry } from '../src/log/event-log.js';
import {
  openSqliteEventLog,
  type SqliteEventLog,
  type SqliteEventLogOptions,
} from '../src/log/sqlite/sqlite-event-log.js';

/** A page that has room for all that a test writes. */
export const ALL = { events: 10_000, bytes: 10_000_000 };

/** One event with this text. */
export function entry(id: number, text: string): LogEntry {
  return { id, frame: JSON.stringify({ type: 'event', id, payload: { text } }) };
}

/** Events with the same text. */
export function entries(from: number, to: number, text = 'hello'): LogEntry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => entry(from + index, text));
}

/** Changes the file of a log without the log. */
export function execute(path: string, sql: string): void {
  const database = new Database(path);
  database.exec('PRAGMA busy_timeout = 10000');
  database.exec(sql);
  database.close();
}

/** A log in a folder of its own for one test. */
export async function openLog(options: Omit<SqliteEventLogOptions, 'path'> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-log-'));
  const path = join(folder, 'parley.db');
  let log: SqliteEventLog = await openSqliteEventLog({ path, ...options });
  onTestFinished(async () => {
    await log.close();
    await rm(folder, { recursive: true });
  });
  return {
    folder,
    path,
    get log() {
      return log;
    },
    /** Closes the log, runs `meanwhile`, and opens it again. */
    async reopen(options: Omit<SqliteEventLogOptions, 'path'> = {}, meanwhile?: () => Promise<void>) {
      await log.close();
      await meanwhile?.();
      log = await openSqliteEventLog({ path, ...options });
    },
    execute: (sql: string) => execute(path, sql),
    /** The ids that a page has. */
    async ids(sessionId: string, after: number, limit = ALL): Promise<number[]> {
      return (await log.read(sessionId, after, limit)).map((event) => event.id);
    },
  };
}

/** What `openLog` opens. */
export type OpenedLog = Awaited<ReturnType<typeof openLog>>;
