import { open } from 'node:fs/promises';
import { type EventLog, LogError } from '../event-log.js';
import type { KeyValueStore } from '../key-value-store.js';
import { fromRow, toIdempotencyRows, toRows } from './frame-rows.js';
import { keepSqliteThread } from './keep-sqlite-thread.js';
import type { Input, Output, ReadOperations } from './sqlite-operations.js';
import type { SqliteThread } from './sqlite-thread.js';

/** Where the log is kept. */
export interface SqliteEventLogOptions {
  /** The database file; created with mode 0600 if it does not exist. */
  readonly path: string;
  /**
   * How long the answers to commands are kept, in milliseconds.
   *
   * @default 86_400_000 // 24 hours
   */
  readonly idempotencyRetentionMs?: number;
  /** Called with the reason when the thread of the database dies, and each time it cannot be started again. */
  readonly onThreadLost?: (error: LogError) => void;
}

/** The event log in SQLite, and the small records in the same file. */
export interface SqliteEventLog extends EventLog {
  readonly store: KeyValueStore;
}

/**
 * Opens the log at `path`. SQLite runs in its own thread, so that waiting for the disk does not block sockets. Appends that
 * arrive during a commit share the next commit. A thread that dies is started again; an append that it had not answered is
 * `lost`.
 *
 * @throws LogError `unavailable` if the file cannot be opened or was written by a newer release.
 */
export async function openSqliteEventLog(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
  const { path, idempotencyRetentionMs = 86_400_000, onThreadLost = () => undefined } = options;
  // SQLite would create a database that all users can read. Its other files get the mode of the database.
  await (await open(path, 'a', 0o600)).close();
  return createSqliteEventLog(await keepSqliteThread({ path, idempotencyRetentionMs }, onThreadLost));
}

/** The log of the database that a thread has. It is closed with the log. */
export function createSqliteEventLog({ call, close }: SqliteThread): SqliteEventLog {
  // A read is safe to repeat. It is repeated only once, since it may be what killed the thread.
  const readWithRetry = <K extends keyof ReadOperations>(name: K, input: Input<K>): Promise<Output<K>> =>
    call(name, input).catch((error: unknown) => {
      if (error instanceof LogError && error.reason === 'lost') return call(name, input);
      throw error;
    });

  return {
    async append(sessionId, expectedLastId, entries) {
      if (entries.length === 0) return;
      const rows = toRows(expectedLastId, entries);
      // Without this: killed-server: answers an append a while before it is committed
      await call('append', { sessionId, rows, idempotency: toIdempotencyRows(entries) });
    },

    async read(sessionId, after, limit) {
      const found = await readWithRetry('read', { sessionId, after, limit });
      return found ? fromRow(found, after, limit.events) : [];
    },

    bounds: (sessionId) => readWithRetry('bounds', { sessionId }),
    sessions: () => readWithRetry('sessions', {}),
    findIdempotent: ({ account, operation, session, key }) =>
      readWithRetry('findIdempotent', { account, operation, ...(session === undefined ? {} : { session }), key }),
    trim: (sessionId, before, base) => call('trim', { sessionId, before, base }),
    base: (sessionId) => readWithRetry('base', { sessionId }),
    saveSnapshot: (sessionId, snapshot) => call('saveSnapshot', { sessionId, snapshot }),
    snapshot: (sessionId) => readWithRetry('snapshot', { sessionId }),
    cut: (sessionId, { characters = Number.MAX_SAFE_INTEGER, since = 0 }) =>
      readWithRetry('cut', { sessionId, characters, since }),
    purge: (sessionId) => call('purge', { sessionId }),
    check: () => call('put', { kind: 'log', key: 'checked', json: String(Date.now()), expiresAt: null }),
    close,

    store: {
      put: (kind, key, value, expiresAt) =>
        call('put', { kind, key, json: JSON.stringify(value), expiresAt: expiresAt ?? null }),
      get: async (kind, key) => fromJson(await readWithRetry('get', { kind, key })),
      delete: (kind, key) => call('delete', { kind, key }),
      list: async (kind) =>
        (await readWithRetry('list', { kind })).map(({ key, json }) => ({ key, value: fromJson(json) })),
    },
  };
}

function fromJson(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}
