import Database from 'libsql';
import { LogError, type Snapshot, type StoredIdempotency } from '../event-log.js';
import type { FrameRow, Operations } from './sqlite-operations.js';
import { prepareStatements } from './sqlite-statements.js';

/** The operations on one open database file, to be called from one thread only. */
export interface SqliteDatabase extends Operations {
  /** Runs `work` in one durable transaction; on an error it is rolled back. */
  transaction<T>(work: () => T): T;
  /** Deletes values that have expired at `now`, and commands that are older than `idempotencySince`. */
  sweep(now: number, idempotencySince: number): void;
  close(): void;
}

interface SessionRow {
  readonly number: number;
  readonly earliest: number;
  readonly latest: number;
}

// A row of `page` has the frames of one append, so that the cost of writing and reading is per append and not per event.
// `size` comes before `frames`, so that SQLite can read it without the text.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS session (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    earliest INTEGER NOT NULL, latest INTEGER NOT NULL, base TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS page (
    session INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    size INTEGER NOT NULL, frames TEXT NOT NULL, PRIMARY KEY (session, last)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS snapshot (session INTEGER PRIMARY KEY, id INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL, operation TEXT NOT NULL, session TEXT NOT NULL, key TEXT NOT NULL,
    body_hash TEXT NOT NULL, answer TEXT NOT NULL, event_session TEXT NOT NULL, event_id INTEGER NOT NULL,
    created INTEGER NOT NULL, PRIMARY KEY (account, operation, session, key)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS idempotency_created ON idempotency (created);
  CREATE TABLE IF NOT EXISTS value (
    kind TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL, expires_at INTEGER, PRIMARY KEY (kind, key)
  ) STRICT;
`;

const SCHEMA_VERSION = 1;

/** Opens the database at `path`, creating its tables; throws if a newer release has written it. */
export function openSqliteDatabase(path: string): SqliteDatabase {
  const db = new Database(path);
  db.exec('PRAGMA busy_timeout = 1000');
  db.exec('PRAGMA journal_mode = WAL');
  // FULL: a commit returns only when the disk has it, which is what an acknowledgement promises.
  // Without this: takes a commit for done before the disk has it
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA wal_autocheckpoint = 4000');
  checkDurable(db);
  checkVersion(db);

  const sql = prepareStatements(db);
  const known = new Map<string, SessionRow>();

  const findSession = (id: string): SessionRow | undefined => {
    const session = known.get(id) ?? (sql.session.get(id) as SessionRow | undefined);
    if (session) known.set(id, session);
    return session;
  };

  const saveSession = (id: string, session: SessionRow | undefined, bounds: Omit<SessionRow, 'number'>): number => {
    const row = session
      ? { number: session.number, ...bounds }
      : { number: Number(sql.addSession.run(id, bounds.earliest, bounds.latest).lastInsertRowid), ...bounds };
    if (session) sql.moveSession.run(row.earliest, row.latest, row.number);
    known.set(id, row);
    return row.number;
  };

  const rowsBetween = (session: number, after: number, upTo: number): FrameRow | undefined => {
    const page = sql.page.get(session, after, upTo) as { first: number | null; frames: string };
    return page.first === null ? undefined : { first: page.first, last: upTo, frames: page.frames };
  };

  const rowsAround = (session: number, first: number, last: number): FrameRow | undefined => {
    const { end } = sql.endOfRow.get(session, last) as { end: number };
    return rowsBetween(session, first - 1, end);
  };

  return {
    append({ sessionId, rows, idempotency }) {
      const session = findSession(sessionId);
      const first = rows[0]?.first ?? 1;
      const last = rows.at(-1)?.last ?? 0;
      // Without this: appends wherever the log ends
      if ((session?.latest ?? 0) !== first - 1) {
        // Without this: takes a repeated append for that of another writer
        // Without this: takes other bytes under an id for a repetition
        if (session && last <= session.latest && isStored(rows, rowsAround(session.number, first, last))) return;
        const found = `the log of session ${sessionId} ends at event ${session?.latest ?? 0}`;
        throw new LogError('conflict', `${found}; the append expected it to end at ${first - 1}`);
      }
      const number = saveSession(sessionId, session, { earliest: session?.earliest ?? 1, latest: last });
      for (const row of rows) sql.addPage.run(number, row.first, row.last, row.frames.length, row.frames);
      const now = Date.now();
      for (const { account, operation, session: scope = '', key, bodyHash, answer, eventId } of idempotency) {
        sql.addIdempotency.run(account, operation, scope, key, bodyHash, answer, sessionId, eventId, now);
      }
    },

    read({ sessionId, after, limit }) {
      const session = findSession(sessionId);
      if (!session || after >= session.latest) return undefined;
      // Without this: says nothing of events that are no longer kept
      if (after < session.earliest - 1) {
        const kept = `session ${sessionId} keeps its events from ${session.earliest}`;
        throw new LogError('trimmed', `${kept}; events after ${after} were asked for`);
      }
      const { upTo } = sql.upTo.get(session.number, after, limit.events, limit.bytes) as { upTo: number };
      return rowsBetween(session.number, after, upTo);
    },

    bounds({ sessionId }) {
      const session = findSession(sessionId);
      return session && { earliest: session.earliest, latest: session.latest };
    },

    sessions: () => (sql.sessions.all() as { id: string }[]).map((session) => session.id),

    findIdempotent({ account, operation, session = '', key }) {
      const found = sql.findIdempotency.get(account, operation, session, key) as StoredIdempotency | undefined;
      // libsql adds its own property to a row.
      return found && pick(found);
    },

    base({ sessionId }) {
      const session = sql.base.get(sessionId) as { base: string | null } | undefined;
      return session?.base ?? undefined;
    },

    snapshot({ sessionId }) {
      const session = findSession(sessionId);
      const found = session && (sql.snapshot.get(session.number) as Snapshot | undefined);
      return found && { id: found.id, text: found.text };
    },

    saveSnapshot({ sessionId, snapshot }) {
      const session = findSession(sessionId);
      if (session) sql.saveSnapshot.run(session.number, snapshot.id, snapshot.text);
    },

    cut({ sessionId, characters, since }) {
      const session = findSession(sessionId);
      if (!session) return 1;
      let first = session.earliest;
      let size = 0;
      // From the newest row back: the last event is always kept.
      for (const row of sql.newest.iterate(session.number) as Iterable<{ first: number; size: number; head: string }>) {
        size += row.size;
        if (first !== session.earliest && size > characters) return first;
        first = Math.max(row.first, session.earliest);
        if (timeOf(row.head) < since) return first;
      }
      return session.earliest;
    },

    trim({ sessionId, before, base }) {
      const session = findSession(sessionId);
      if (!session || before <= session.earliest) return;
      const earliest = Math.min(before, session.latest + 1);
      saveSession(sessionId, session, { earliest, latest: session.latest });
      // Without this: forgets with old events what they led to
      sql.setBase.run(base, session.number);
      sql.trim.run(session.number, earliest);
    },

    purge({ sessionId }) {
      const session = findSession(sessionId);
      if (session) {
        sql.trim.run(session.number, Number.MAX_SAFE_INTEGER);
        sql.removeSnapshot.run(session.number);
      }
      sql.removeIdempotency.run(sessionId);
      sql.removeSession.run(sessionId);
      // Without this: remembers where the log of a purged session ended
      known.delete(sessionId);
    },

    put: ({ kind, key, json, expiresAt }) => void sql.put.run(kind, key, json, expiresAt),
    delete: ({ kind, key }) => sql.delete.run(kind, key).changes > 0,
    get: ({ kind, key }) => (sql.get.get(kind, key, Date.now()) as { json: string } | undefined)?.json,
    list: ({ kind }) => sql.list.all(kind, Date.now()) as { key: string; json: string }[],

    transaction(work) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        // Without this: answers an append without a commit
        db.exec('COMMIT');
        return result;
      } catch (error) {
        // The cached sessions may include changes of the transaction that is rolled back.
        // Without this: believes sessions of a transaction that was undone
        known.clear();
        // Without this: keeps a part of an append that failed
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },

    sweep(now, idempotencySince) {
      sql.sweepIdempotency.run(idempotencySince);
      sql.sweepValues.run(now);
    },

    close() {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
    },
  };
}

// Tests cannot cut the power. So the setting that makes commits durable is checked on the connection itself.
function checkDurable(db: Database.Database): void {
  const { synchronous } = db.prepare('PRAGMA synchronous').get() as { synchronous: number };
  if (synchronous !== 2)
    throw new Error(`commits must wait for the disk: expected synchronous = 2, got ${synchronous}`);
}

function checkVersion(db: Database.Database): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION) {
    throw new Error(`the database has version ${version}; this release reads version ${SCHEMA_VERSION} and older`);
  }
  db.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

function pick({ bodyHash, answer, sessionId, eventId }: StoredIdempotency): StoredIdempotency {
  return { bodyHash, answer, sessionId, eventId };
}

/** The timestamp of an event, from the beginning of its frame. */
function timeOf(frame: string): number {
  return Number(/"timestamp":(\d+)/.exec(frame)?.[1] ?? 0);
}

/** Whether the same frames are stored already. */
function isStored(rows: readonly FrameRow[], stored: FrameRow | undefined): boolean {
  const first = rows[0]?.first ?? 1;
  const frames = rows
    .map((row) => row.frames)
    .join('\n')
    .split('\n');
  const found = stored?.frames.split('\n').slice(first - stored.first, first - stored.first + frames.length) ?? [];
  return frames.length === found.length && frames.every((frame, index) => frame === found[index]);
}
