import { type Problem, tolerantEventFrame } from '@parleyhq/contract';
import { ValidationError } from './errors.js';
import type { HttpClient } from './http/create-http.js';
import { unwrap } from './http/unwrap.js';
import type { CallOptions } from './options.js';
import { type SessionEvent, toInvalidEvent, toSessionEvent } from './stream/session-event.js';

/** Events of the log, behind a cursor. */
export interface LogPage {
  readonly events: readonly SessionEvent[];
  /** Whether the log has more. */
  readonly more: boolean;
}

/** How a page is read. */
export interface LogReadOptions extends CallOptions {
  /** Events a page. */
  readonly limit?: number | undefined;
}

/**
 * Reads a page of a session's log. Events are checked one by one, so that one this release cannot read comes as
 * `unknown` and spoils no page.
 *
 * @throws ServiceError CursorAhead, CursorExpired, SessionNotFound, …; ValidationError for a page that is none, or that
 * has a gap.
 */
export async function readLogPage(
  http: HttpClient,
  sessionId: string,
  after: number,
  options: LogReadOptions,
): Promise<LogPage> {
  const { limit = 1000, ...call } = options;
  const text = await unwrap(
    http.GET('/api/sessions/{session_id}/history', {
      params: { path: { session_id: sessionId }, query: { after, limit } },
      parseAs: 'text',
      ...call,
    }),
  );
  const page: unknown = parse(text);
  if (!isPage(page)) throw invalid('/items', 'expected a list of events', page);
  const events: SessionEvent[] = [];
  let previous = after;
  for (const [index, item] of page.items.entries()) {
    const result = tolerantEventFrame(item);
    const event = result.ok ? toSessionEvent(result.value) : toInvalidEvent(item, result.problems);
    if (event === undefined) throw invalid(`/items/${index}`, 'expected an event frame with an id', item);
    if (event.id <= previous) continue;
    if (event.id > previous + 1) throw invalid(`/items/${index}/id`, `expected ${previous + 1}, got ${event.id}`, item);
    previous = event.id;
    events.push(event);
  }
  return { events, more: page.next_after !== null };
}

/** Every event behind a cursor up to the end of the log as it is by then. */
export async function* readLog(
  http: HttpClient,
  sessionId: string,
  after: number,
  options: LogReadOptions,
): AsyncGenerator<SessionEvent, undefined, undefined> {
  let cursor = after;
  for (;;) {
    const page = await readLogPage(http, sessionId, cursor, options);
    yield* page.events;
    cursor = page.events.at(-1)?.id ?? cursor;
    if (!page.more || page.events.length === 0) return undefined;
  }
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
