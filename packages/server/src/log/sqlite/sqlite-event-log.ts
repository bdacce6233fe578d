import { open } from 'node:fs/promises';
import { type EventLog, LogError } from '../event-log.js';
import type { KeyValueStore } from '../key-value-store.js';
import { fromRow, toIdempotencyRows, toRows } from './frame-rows.js';
import { keepSqliteThread } from './keep-sqlite-thread.js';
import type { Input, Output, ReadOperations } from './sqlite-operations.js';

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
  /** Told why the thread of the database died, and why it could not be started again, each time before a new try. */
  readonly onThreadLost?: (error: LogError) => void;
}

/** The event log in SQLite, and the small records that live in the same file. */
export interface SqliteEventLog extends EventLog {
  readonly store: KeyValueStore;
}

/**
 * Opens the log at `path`. SQLite runs in a thread of its own, so that no wait for the disk stops a socket; appends that
 * arrive while it commits share the next commit. A thread that dies is started again; an append that it had
 * not answered is `lost`.
 *
 * @throws LogError `unavailable` if the file cannot be opened or was written by a newer release.
 */
export async function openSqliteEventLog(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
  const { path, idempotencyRetentionMs = 86_400_000, onThreadLost = () => undefined } = options;
  // SQLite gives its side files the mode of the database, and would create that readable to all.
  await (await open(path, 'a', 0o600)).close();
  const { call, close } = await keepSqliteThread({ path, idempotencyRetentionMs }, onThreadLost);

  // What only looks may be asked again. Once: it may be what the thread died of.
  const look = <K extends keyof ReadOperations>(name: K, input: Input<K>): Promise<Output<K>> =>
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
      const found = await look('read', { sessionId, after, limit });
      return found ? fromRow(found, after, limit.events) : [];
    },

    bounds: (sessionId) => look('bounds', { sessionId }),
    sessions: () => look('sessions', {}),
    findIdempotent: ({ account, operation, session, key }) =>
      look('findIdempotent', { account, operation, ...(session === undefined ? {} : { session }), key }),
    trim: (sessionId, before, base) => call('trim', { sessionId, before, base }),
    base: (sessionId) => look('base', { sessionId }),
    saveSnapshot: (sessionId, snapshot) => call('saveSnapshot', { sessionId, snapshot }),
    snapshot: (sessionId) => look('snapshot', { sessionId }),
    cut: (sessionId, { characters = Number.MAX_SAFE_INTEGER, since = 0 }) =>
      look('cut', { sessionId, characters, since }),
    purge: (sessionId) => call('purge', { sessionId }),
    check: () => call('put', { kind: 'log', key: 'checked', json: String(Date.now()), expiresAt: null }),
    close,

    store: {
      put: (kind, key, value, expiresAt) =>
        call('put', { kind, key, json: JSON.stringify(value), expiresAt: expiresAt ?? null }),
      get: async (kind, key) => fromJson(await look('get', { kind, key })),
      delete: (kind, key) => call('delete', { kind, key }),
      list: async (kind) => (await look('list', { kind })).map(({ key, json }) => ({ key, value: fromJson(json) })),
    },
  };
}

function fromJson(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}
