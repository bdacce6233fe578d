import { type Problem, ServiceError, tolerantEventFrame } from '@parleyhq/contract';
import { checkCount } from './check-options.js';
import type { ClientContext } from './client-context.js';
import { ConnectionError, ValidationError } from './errors.js';
import { PATIENCE } from './http/retry-after.js';
import { unwrap } from './http/unwrap.js';
import type { CallOptions } from './options.js';
import { backoffDelay, wait } from './stream/backoff.js';
import { type SessionEvent, toInvalidEvent, toSessionEvent } from './stream/session-event.js';

/** Events of the log after a cursor. */
export interface LogPage {
  readonly events: readonly SessionEvent[];
  /** Whether the log has more events. */
  readonly more: boolean;
}

/** The server's maximum for one page. */
const LARGEST_PAGE = 1000;

/** The options of a log reader. */
export interface LogReaderOptions extends CallOptions {
  /** The maximum number of events in one page. @default 1_000 */
  readonly pageSize?: number | undefined;
  /** How many seconds `Retry-After` may delay one page. @default as for every call */
  readonly patience?: number | undefined;
}

/** Reads a session's log in pages. */
export interface LogReader {
  /**
   * The events after a cursor, at most `most`. After a failure that may pass it tries again, with smaller pages: a connection
   * that breaks during each large answer can still carry small ones.
   *
   * @throws ServiceError CursorAhead, CursorExpired, SessionNotFound, …; ConnectionError; ValidationError for a page that
   * does not fit the contract or has a gap; the reason of the signal.
   */
  page(after: number, most?: number): Promise<LogPage>;
  /** How many attempts the last page took. */
  readonly attempts: number;
}

/**
 * Reads the log of a session. After successes its pages grow back to their full size.
 *
 * @throws RangeError or TypeError for a `pageSize` or `maxRetries` that is out of range.
 */
export function createLogReader(context: ClientContext, sessionId: string, options: LogReaderOptions): LogReader {
  const { pageSize: largest = LARGEST_PAGE, maxRetries = context.maxRetries, patience = PATIENCE, ...call } = options;
  checkCount('pageSize', largest, 1, LARGEST_PAGE);
  checkCount('maxRetries', maxRetries);
  const signal = call.signal ?? new AbortController().signal;
  let size = largest;
  let attempts = 0;
  return {
    get attempts() {
      return attempts;
    },
    async page(after, most = largest) {
      let waited = 0;
      for (attempts = 1; ; attempts++) {
        try {
          const page = await requestPage(after, Math.min(size, most));
          size = Math.min(largest, size * 4);
          return page;
        } catch (error) {
          if (!(error instanceof ConnectionError) && !(error instanceof ServiceError && error.retryable)) throw error;
          const { retryAfter = 0 } = error instanceof ServiceError ? error : {};
          waited += retryAfter;
          if (attempts > maxRetries || waited > patience) throw lastOf(error, attempts);
          size = Math.ceil(size / 4);
          await wait(Math.max(backoffDelay(attempts - 1, context.backoff), retryAfter * 1000), signal);
        }
      }
    },
  };

  async function requestPage(after: number, limit: number): Promise<LogPage> {
    // Without this: ends for what something between answers
    const text = await unwrap(
      context.http.GET('/api/sessions/{session_id}/history', {
        params: { path: { session_id: sessionId }, query: { after, limit } },
        parseAs: 'text',
        ...call,
        maxRetries: 0,
      }),
    ).catch(throwAsPassing);
    return parsePage(text, after);
  }
}

/** An error that does not fit the contract is not from the server: a proxy has answered in its place. */
function throwAsPassing(error: unknown): never {
  throw error instanceof ValidationError ? new ConnectionError(error.message, { attempts: 1, cause: error }) : error;
}

/** The error of the last attempt. */
function lastOf(error: ConnectionError | ServiceError, attempts: number): Error {
  if (error instanceof ServiceError) return error;
  return new ConnectionError(error.message, { attempts, cause: error.cause });
}

/** All events after a cursor, up to the current end of the log, but at most `limit`. */
export async function* readLog(
  reader: LogReader,
  after: number,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<SessionEvent, undefined, undefined> {
  let cursor = after;
  for (let left = limit; left > 0; ) {
    const page = await reader.page(cursor, left);
    yield* page.events.slice(0, left);
    left -= page.events.length;
    cursor = page.events.at(-1)?.id ?? cursor;
    if (!page.more || page.events.length === 0) return undefined;
  }
  return undefined;
}

/** Events are validated one by one: one that this release cannot read becomes `unknown`, and the page is still good. */
function parsePage(text: string, after: number): LogPage {
  const page: unknown = parse(text);
  if (!isPage(page)) throw invalid('/items', 'expected a list of events', page);
  const events: SessionEvent[] = [];
  let previous = after;
  for (const [index, item] of page.items.entries()) {
    const result = tolerantEventFrame(item);
    // Without this: fails for a page of the log with such an event
    const event = result.ok ? toSessionEvent(result.value) : toInvalidEvent(item, result.problems);
    if (event === undefined) throw invalid(`/items/${index}`, 'expected an event frame with an id', item);
    if (event.id <= previous) continue;
    // Without this: takes a page of the log with a gap
    if (event.id > previous + 1) throw invalid(`/items/${index}/id`, `expected ${previous + 1}, got ${event.id}`, item);
    previous = event.id;
    events.push(event);
  }
  return { events, more: page.next_after !== null };
}

function isPage(page: unknown): page is { items: unknown[]; next_after: unknown } {
  return (
    typeof page === 'object' && page !== null && 'items' in page && Array.isArray(page.items) && 'next_after' in page
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('', `expected JSON: ${String(error)}`, text);
  }
}

function invalid(pointer: string, message: string, raw: unknown): ValidationError {
  const problem: Problem = { pointer, keyword: 'items', message };
  return new ValidationError('A page of the history', [problem], raw);
}
