import type { Problem, TurnCompletedEvent } from '@parleyhq/contract';

/**
 * What was thrown, as an Error: itself, also where it comes from another frame, window or test environment and is no
 * instance of this one's class; else a new Error whose `cause` it is.
 */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(String(thrown), { cause: thrown });
}

function isError(thrown: unknown): thrown is Error {
  const { name, message }: { name?: unknown; message?: unknown } = Object(thrown);
  return typeof name === 'string' && typeof message === 'string';
}

/**
 * The server could not be reached, or the connection broke, as often as was tried. `cause` is the last failure, as it was
 * thrown: what `fetch` or the socket said, a TimeoutError, a redirect to another origin, the ServiceError of a server that
 * stayed unavailable, or the ValidationError of something between that answered in its place.
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

/** What the server answered does not fit the contract, not even as a tolerant reader sees it. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  readonly problems: readonly Problem[];
  /** What was received, parsed where it was JSON. */
  readonly raw: unknown;

  constructor(subject: string, problems: readonly Problem[], raw: unknown) {
    const [first] = problems;
    super(`${subject} does not fit the contract${first ? `: ${first.pointer || '/'} ${first.message}` : ''}`);
    this.problems = problems;
    this.raw = raw;
  }
}

/** A turn did not end as `completed`, where only a completed one has what was asked for. */
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
