import type Database from 'libsql';

type Name =
  | 'session'
  | 'sessions'
  | 'addSession'
  | 'moveSession'
  | 'base'
  | 'setBase'
  | 'snapshot'
  | 'saveSnapshot'
  | 'removeSnapshot'
  | 'newest'
  | 'removeSession'
  | 'addPage'
  | 'upTo'
  | 'page'
  | 'endOfRow'
  | 'trim'
  | 'addIdempotency'
  | 'findIdempotency'
  | 'removeIdempotency'
  | 'sweepIdempotency'
  | 'put'
  | 'get'
  | 'list'
  | 'delete'
  | 'sweepValues';

/** The statements of the log, by name. */
type Statements = Readonly<Record<Name, Database.Statement>>;

/** Prepares every statement, once for an open database. */
export function prepareStatements(db: Database.Database): Statements {
  return {
    session: db.prepare('SELECT number, earliest, latest FROM session WHERE id = ?'),
    sessions: db.prepare('SELECT id FROM session ORDER BY number'),
    addSession: db.prepare('INSERT INTO session (id, earliest, latest) VALUES (?, ?, ?)'),
    moveSession: db.prepare('UPDATE session SET earliest = ?, latest = ? WHERE number = ?'),
    base: db.prepare('SELECT base FROM session WHERE id = ?'),
    setBase: db.prepare('UPDATE session SET base = ? WHERE number = ?'),
    snapshot: db.prepare('SELECT id, text FROM snapshot WHERE session = ?'),
    saveSnapshot: db.prepare('INSERT OR REPLACE INTO snapshot (session, id, text) VALUES (?, ?, ?)'),
    removeSnapshot: db.prepare('DELETE FROM snapshot WHERE session = ?'),
    newest: db.prepare(
      'SELECT first, size, substr(frames, 1, 80) AS head FROM page WHERE session = ? ORDER BY last DESC',
    ),
    removeSession: db.prepare('DELETE FROM session WHERE id = ?'),
    addPage: db.prepare('INSERT INTO page (session, first, last, size, frames) VALUES (?, ?, ?, ?, ?)'),
    upTo: db.prepare(`
      SELECT max(last) AS "upTo" FROM (
        SELECT last, sum(size) OVER (ORDER BY last) - size AS before FROM (
          SELECT last, size FROM page WHERE session = ?1 AND last > ?2 ORDER BY last LIMIT ?3
        )
      ) WHERE before < ?4`),
    page: db.prepare(`
      SELECT min(first) AS first, group_concat(frames, char(10)) AS frames FROM (
        SELECT first, frames FROM page WHERE session = ?1 AND last > ?2 AND last <= ?3 ORDER BY last
      )`),
    endOfRow: db.prepare('SELECT min(last) AS end FROM page WHERE session = ? AND last >= ?'),
    // Without this: forgets more than is trimmed
    trim: db.prepare('DELETE FROM page WHERE session = ? AND last < ?'),
    addIdempotency: db.prepare(`
      INSERT OR REPLACE INTO idempotency
        (account, operation, session, key, body_hash, answer, event_session, event_id, created)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    findIdempotency: db.prepare(`
      SELECT body_hash AS "bodyHash", answer, event_session AS "sessionId", event_id AS "eventId" FROM idempotency
      WHERE account = ? AND operation = ? AND session = ? AND key = ?`),
    removeIdempotency: db.prepare('DELETE FROM idempotency WHERE session = ?'),
    sweepIdempotency: db.prepare('DELETE FROM idempotency WHERE created < ?'),
    put: db.prepare('INSERT OR REPLACE INTO value (kind, key, json, expires_at) VALUES (?, ?, ?, ?)'),
    get: db.prepare('SELECT json FROM value WHERE kind = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)'),
    list: db.prepare(`
      SELECT key, json FROM value WHERE kind = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY key`),
    delete: db.prepare('DELETE FROM value WHERE kind = ? AND key = ?'),
    sweepValues: db.prepare('DELETE FROM value WHERE expires_at <= ?'),
  };
}
