/** One event of one session, as it is appended. */
export interface LogEntry {
  /** Position in the session: starts at 1, rises by 1. */
  readonly id: number;
  /** The whole `event` frame, serialised once and without line breaks: stored, replayed and sent as it is. */
  readonly frame: string;
  /** The command that caused this event, kept in the same transaction. */
  readonly idempotency?: IdempotencyRecord;
}

/** One event of one session, as it is read back and sent. */
export interface StoredEvent {
  readonly id: number;
  /** The same text that was appended. */
  readonly frame: string;
}

/** Names one command of one caller. */
export interface IdempotencyScope {
  readonly account: string;
  readonly operation: string;
  /** Left out for commands that are not about one session, such as its creation. */
  readonly session?: string;
  readonly key: string;
}

/** A command that was carried out: what it asked and what it was answered. */
export interface IdempotencyRecord extends IdempotencyScope {
  /** Hash of the request; another hash under the same scope is an IdempotencyConflict. */
  readonly bodyHash: string;
  /** The first answer as JSON text. */
  readonly answer: string;
}

/** A record found again, with the event that the command caused. */
export interface StoredIdempotency {
  readonly bodyHash: string;
  readonly answer: string;
  readonly sessionId: string;
  readonly eventId: number;
}

/** How much one read may return. */
export interface ReadLimit {
  /** At most this many events. */
  readonly events: number;
  /** Stop soon after this many characters; at least one event is returned, at most 64 Ki characters are added. */
  readonly bytes: number;
}

/** How much of a session's log is kept. */
export interface RetentionBounds {
  /** Characters of frames. @default Infinity */
  readonly characters?: number | undefined;
  /** Milliseconds since the epoch: what happened before need not be kept. @default 0 */
  readonly since?: number | undefined;
}

/** The ids that a session's log holds; `earliest` is `latest + 1` when all events were trimmed. */
export interface LogBounds {
  readonly earliest: number;
  readonly latest: number;
}

/** What somebody made of a session's events, to save making it again; nothing depends on it. */
export interface Snapshot {
  /** The last event that it is made of. */
  readonly id: number;
  readonly text: string;
}

/** The durable events of all sessions. What it has accepted survives the process (promise 1: log first). */
export interface EventLog {
  /**
   * Appends events that follow `expectedLastId` without a gap; durable when it resolves, all of them or none.
   * Repeating an append with the same ids and bytes succeeds and changes nothing, so that a rejected one may be
   * tried again.
   *
   * @throws LogError `conflict` if the log does not end at `expectedLastId`, `unavailable` if it cannot be written,
   * `lost` if it may have been written all the same.
   */
  append(sessionId: string, expectedLastId: number, entries: readonly LogEntry[]): Promise<void>;
  /**
   * Reads the events that follow `after`; none for an unknown session or past the end.
   *
   * @throws LogError `trimmed` if events after `after` are no longer kept.
   */
  read(sessionId: string, after: number, limit: ReadLimit): Promise<readonly StoredEvent[]>;
  /** The ids that are kept, or undefined for a session that has no log. */
  bounds(sessionId: string): Promise<LogBounds | undefined>;
  /** The ids of all sessions, oldest first. */
  sessions(): Promise<readonly string[]>;
  /** Finds what a command was answered, for at least 24 hours after it was. */
  findIdempotent(scope: IdempotencyScope): Promise<StoredIdempotency | undefined>;
  /** Forgets the events with an id smaller than `before`; `base` says in their place what they led to. */
  trim(sessionId: string, before: number, base: string): Promise<void>;
  /** What the forgotten events led to; undefined where none is forgotten. */
  base(sessionId: string): Promise<string | undefined>;
  /** Keeps a snapshot in the place of the one before; that of an unknown session is not kept. */
  saveSnapshot(sessionId: string, snapshot: Snapshot): Promise<void>;
  /** The snapshot that was kept, if there is one: whoever reads it checks it against the events. */
  snapshot(sessionId: string): Promise<Snapshot | undefined>;
  /** Where a session's log would have to begin to fit the bounds: the id for `trim`, never past the last event. */
  cut(sessionId: string, bounds: RetentionBounds): Promise<number>;
  /** Forgets a session: its events and the records of its commands. */
  purge(sessionId: string): Promise<void>;
  /** Writes something that nobody reads, as durably as an append: resolves if the log can be written now. */
  check(): Promise<void>;
  /** Waits for what was asked before and closes the log; what is asked later is refused. */
  close(): Promise<void>;
}

/**
 * Why the log refused: another writer came first, the events are gone, it cannot be used now, it failed before it could
 * answer and may have done what was asked, or it was closed.
 */
export type LogErrorReason = 'conflict' | 'trimmed' | 'unavailable' | 'lost' | 'closed';

/** A refusal of the log; `cause` holds the error of the storage below. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly reason: LogErrorReason;

  constructor(reason: LogErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
