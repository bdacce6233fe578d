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

/** Identifies one command of one caller. */
export interface IdempotencyScope {
  readonly account: string;
  readonly operation: string;
  /** Left out for commands that are not about one session, such as its creation. */
  readonly session?: string;
  readonly key: string;
}

/** A command that was carried out, with its answer. */
export interface IdempotencyRecord extends IdempotencyScope {
  /** Hash of the request; another hash under the same scope is an IdempotencyConflict. */
  readonly bodyHash: string;
  /** The first answer as JSON text. */
  readonly answer: string;
}

/** A stored record, with the event that the command caused. */
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

/** A result computed from a session's events and stored to save time. It can be computed again, so it may be lost. */
export interface Snapshot {
  /** The last event that it includes. */
  readonly id: number;
  readonly text: string;
}

/** The durable events of all sessions. Accepted events survive the process (promise 1: log first). */
export interface EventLog {
  /**
   * Appends events that follow `expectedLastId` without a gap, all of them or none; durable when it resolves. Repeating an
   * append with the same ids and bytes succeeds and changes nothing, so a rejected append can be repeated.
   *
   * @throws LogError `conflict` if the log does not end at `expectedLastId`, `unavailable` if it cannot be written, `lost`
   * if it is not known whether it was written.
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
  /** Finds the answer to a command, for at least 24 hours after the command. */
  findIdempotent(scope: IdempotencyScope): Promise<StoredIdempotency | undefined>;
  /** Removes the events with an id smaller than `before`. `base`, the fold of these events, is stored in their place. */
  trim(sessionId: string, before: number, base: string): Promise<void>;
  /** The `base` of the last `trim`; undefined if no events were removed. */
  base(sessionId: string): Promise<string | undefined>;
  /** Replaces the snapshot of a session. For an unknown session, nothing is stored. */
  saveSnapshot(sessionId: string, snapshot: Snapshot): Promise<void>;
  /** The stored snapshot, if there is one. The reader must check it against the events. */
  snapshot(sessionId: string): Promise<Snapshot | undefined>;
  /** The id for `trim` that makes a session's log fit the bounds; never past the last event. */
  cut(sessionId: string, bounds: RetentionBounds): Promise<number>;
  /** Removes a session: its events and the records of its commands. */
  purge(sessionId: string): Promise<void>;
  /** Makes a durable test write: resolves if the log can be written now. */
  check(): Promise<void>;
  /** Completes the pending requests and closes the log. Later requests are refused. */
  close(): Promise<void>;
}

/**
 * Why the log refused. `conflict`: another writer came first; `trimmed`: the events were removed; `unavailable`: it cannot be
 * used now; `lost`: it failed before it could answer, and may have done its work; `closed`: it was closed.
 */
export type LogErrorReason = 'conflict' | 'trimmed' | 'unavailable' | 'lost' | 'closed';

/** The log refused a request. `cause` is the error of the storage. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly reason: LogErrorReason;

  constructor(reason: LogErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
