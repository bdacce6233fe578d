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

/** The operations that change the database. All that are waiting when a commit starts share one transaction. */
export interface WriteOperations {
  append(input: { sessionId: string; rows: readonly FrameRow[]; idempotency: readonly IdempotencyRow[] }): void;
  trim(input: { sessionId: string; before: number; base: string }): void;
  saveSnapshot(input: { sessionId: string; snapshot: Snapshot }): void;
  purge(input: { sessionId: string }): void;
  put(input: { kind: string; key: string; json: string; expiresAt: number | null }): void;
  delete(input: { kind: string; key: string }): boolean;
}

/** The operations that only read. */
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

/** All operations of the thread of the database. The thread and its caller share these types. */
export interface Operations extends WriteOperations, ReadOperations {}

/** The name of an operation. */
export type OperationName = keyof Operations;
/** The input of an operation. */
export type Input<K extends OperationName> = Parameters<Operations[K]>[0];
/** The result of an operation. */
export type Output<K extends OperationName> = ReturnType<Operations[K]>;

/** A request to the thread. Its answer has the same `call`. */
export interface Request {
  readonly call: number;
  readonly name: OperationName;
  readonly input: Input<OperationName>;
}

/** An error from the thread, as plain data: instances of classes cannot be sent between threads. */
export interface Refusal {
  readonly reason: LogErrorReason;
  readonly message: string;
  /** SQLite's code, such as `SQLITE_FULL`. */
  readonly code?: string;
}

/** The answer to one request. */
export type Answer = { call: number; value: unknown } | { call: number; refusal: Refusal };

/** A message from the thread: it is ready, it could not open the database, answers, or it has closed its file. */
export type Report = { ready: true } | { failed: Refusal } | { answers: Answer[] } | { closed: true };

/** A message to the thread. */
export type Order = { requests: Request[] } | { close: true };

/** The options of the thread. */
export interface WorkerOptions {
  readonly path: string;
  readonly idempotencyRetentionMs: number;
}
