import { open } from 'node:fs/promises';
import type { EventLog } from './event-log.js';
import { fromRow, toIdempotencyRows, toRows } from './frame-rows.js';
import type { KeyValueStore } from './key-value-store.js';
import { startSqliteThread } from './sqlite-thread.js';

/** Where the log is kept. */
export interface SqliteEventLogOptions {
  /** The database file; created with mode 0600 if it does not exist. */
  readonly path: string;
  /**
   * How long the answers of commands are kept.
   *
   * @default 86_400_000 // 24 hours
   */
  readonly idempotencyRetentionMs?: number;
}

/** The event log in SQLite, and the small records that live in the same file. */
export interface SqliteEventLog extends EventLog {
  readonly store: KeyValueStore;
}

/**
 * Opens the log at `path`. SQLite runs in a thread of its own, so that no wait for the disk stops a socket; appends that
 * arrive while it commits share the next commit.
 *
 * @throws LogError `unavailable` if the file cannot be opened or was written by a newer release.
 */
export async function openSqliteEventLog(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
  const { path, idempotencyRetentionMs = 86_400_000 } = options;
  // SQLite gives its side files the mode of the database, and would create that readable to all.
  await (await open(path, 'a', 0o600)).close();
  const { call, close } = await startSqliteThread({ path, idempotencyRetentionMs });

  return {
    async append(sessionId, expectedLastId, entries) {
      if (entries.length === 0) return;
      const rows = toRows(expectedLastId, entries);
      await call('append', { sessionId, rows, idempotency: toIdempotencyRows(entries) });
    },

    async read(sessionId, after, limit) {
      const found = await call('read', { sessionId, after, limit });
      return found ? fromRow(found, after, limit.events) : [];
    },

    bounds: (sessionId) => call('bounds', { sessionId }),
    sessions: () => call('sessions', {}),
    findIdempotent: ({ account, operation, session, key }) =>
      call('findIdempotent', { account, operation, ...(session === undefined ? {} : { session }), key }),
    trim: (sessionId, before, base) => call('trim', { sessionId, before, base }),
    base: (sessionId) => call('base', { sessionId }),
    cut: (sessionId, { characters = Number.MAX_SAFE_INTEGER, since = 0 }) =>
      call('cut', { sessionId, characters, since }),
    purge: (sessionId) => call('purge', { sessionId }),
    close,

    store: {
      put: (kind, key, value, expiresAt) =>
        call('put', { kind, key, json: JSON.stringify(value), expiresAt: expiresAt ?? null }),
      get: async (kind, key) => fromJson(await call('get', { kind, key })),
      delete: (kind, key) => call('delete', { kind, key }),
      list: async (kind) => (await call('list', { kind })).map(({ key, json }) => ({ key, value: fromJson(json) })),
    },
  };
}

function fromJson(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}
