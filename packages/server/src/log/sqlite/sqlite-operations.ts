import type {
  IdempotencyScope,
  LogBounds,
  LogErrorReason,
  ReadLimit,
  Snapshot,
  StoredIdempotency,
} from '../event-log.js';

/** Consecutive frames that are kept in one row, joined by line breaks. */
export interface FrameRow {
  readonly first: number;
  readonly last: number;
  readonly frames: string;
}

/** An idempotency record, ready for its row. */
export interface IdempotencyRow extends IdempotencyScope {
  readonly bodyHash: string;
  readonly answer: string;
  readonly eventId: number;
}

/** What changes the database. All that wait when a commit starts share one transaction. */
export interface WriteOperations {
  append(input: { sessionId: string; rows: readonly FrameRow[]; idempotency: readonly IdempotencyRow[] }): void;
  trim(input: { sessionId: string; before: number; base: string }): void;
  saveSnapshot(input: { sessionId: string; snapshot: Snapshot }): void;
  purge(input: { sessionId: string }): void;
  put(input: { kind: string; key: string; json: string; expiresAt: number | null }): void;
  delete(input: { kind: string; key: string }): boolean;
}

/** What only looks at the database. */
export interface ReadOperations {
  read(input: { sessionId: string; after: number; limit: ReadLimit }): FrameRow | undefined;
  bounds(input: { sessionId: string }): LogBounds | undefined;
  base(input: { sessionId: string }): string | undefined;
  snapshot(input: { sessionId: string }): Snapshot | undefined;
  cut(input: { sessionId: string; characters: number; since: number }): number;
  sessions(input: Record<string, never>): string[];
  findIdempotent(input: IdempotencyScope): StoredIdempotency | undefined;
  get(input: { kind: string; key: string }): string | undefined;
  list(input: { kind: string }): { key: string; json: string }[];
}

/** All that the thread of the database can do; the thread and its caller share these types. */
export interface Operations extends WriteOperations, ReadOperations {}

/** The name of an operation. */
export type OperationName = keyof Operations;
/** What an operation is given. */
export type Input<K extends OperationName> = Parameters<Operations[K]>[0];
/** What an operation answers. */
export type Output<K extends OperationName> = ReturnType<Operations[K]>;

/** One operation on its way to the thread; the answer carries the same `call`. */
export interface Request {
  readonly call: number;
  readonly name: OperationName;
  readonly input: Input<OperationName>;
}

/** An error on its way from the thread: facts only, because classes do not survive the passage. */
export interface Refusal {
  readonly reason: LogErrorReason;
  readonly message: string;
  /** SQLite's code, such as `SQLITE_FULL`. */
  readonly code?: string;
}

/** The answer to one request. */
export type Answer = { call: number; value: unknown } | { call: number; refusal: Refusal };

/** What the thread reports: that it is ready (or why it cannot be), answers, and that it has closed its file. */
export type Report = { ready: true } | { failed: Refusal } | { answers: Answer[] } | { closed: true };

/** What the thread is told. */
export type Order = { requests: Request[] } | { close: true };

/** What the thread is started with. */
export interface WorkerOptions {
  readonly path: string;
  readonly idempotencyRetentionMs: number;
}
