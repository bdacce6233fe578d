import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { ALL } from '../../../scripts/test-forms.js';
import { LogError } from '../src/log/event-log.js';
import { openSqliteDatabase } from '../src/log/sqlite/sqlite-database.js';
import { createSqliteEventLog, openSqliteEventLog, type SqliteEventLog } from '../src/log/sqlite/sqlite-event-log.js';

/**
 * Opens a log in SQLite for a test that is not about the log. In `npm test` it has no thread of its own: to start one costs as
 * much processor time as most tests.
 */
export async function openTestLog(path: string): Promise<SqliteEventLog> {
  if (ALL) return openSqliteEventLog({ path });
  const database = openSqliteDatabase(path);
  let isOpen = true;
  return createSqliteEventLog({
    async call(name, input) {
      // No earlier than a thread could answer.
      await nextTurnOfTheLoop();
      if (!isOpen) throw new LogError('closed', 'the log is closed');
      return database.transaction(() => database[name](input as never) as ReturnType<(typeof database)[typeof name]>);
    },
    async close() {
      if (isOpen) database.close();
      isOpen = false;
    },
  });
}
