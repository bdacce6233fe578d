import type { Problem, TurnCompletedEvent } from '@parleyhq/contract';

/**
 * What was thrown, as an Error: unchanged if it is one, even if it comes from another frame, window or test environment and
 * so is not an instance of this realm's class; otherwise a new Error with it as `cause`.
 */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(String(thrown), { cause: thrown });
}

function isError(thrown: unknown): thrown is Error {
  const { name, message }: { name?: unknown; message?: unknown } = Object(thrown);
  return typeof name === 'string' && typeof message === 'string';
}

/**
 * Every attempt to reach the server failed, or the connection broke each time. `cause` is the last failure as it was thrown:
 * the error of `fetch` or of the socket, a TimeoutError, a redirect to another origin, the ServiceError of a server that
 * stayed unavailable, or the ValidationError for the answer of a proxy in front of it.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** How many attempts were made. */
  readonly attempts: number;

  constructor(message: string, facts: { readonly attempts: number; readonly cause: unknown }) {
    super(message, { cause: facts.cause });
    this.attempts = facts.attempts;
  }
}

/** The server's answer does not fit the contract, even with the tolerance that readers have for unknown parts. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  readonly problems: readonly Problem[];
  /** What was received; parsed, if it was JSON. */
  readonly raw: unknown;

  constructor(subject: string, problems: readonly Problem[], raw: unknown) {
    const [first] = problems;
    super(`${subject} does not fit the contract${first ? `: ${first.pointer || '/'} ${first.message}` : ''}`);
    this.problems = problems;
    this.raw = raw;
  }
}

/** A turn did not end as `completed`, but what was asked for exists only for completed turns. */
export class TurnError extends Error {
  override readonly name = 'TurnError';
  /** How the turn ended: its status, cause and error. */
  readonly completed: TurnCompletedEvent;

  constructor(completed: TurnCompletedEvent) {
    super(
      `The turn ended ${completed.status} (${completed.cause})${completed.error ? `: ${completed.error.message}` : ''}`,
    );
    this.completed = completed;
  }
}
