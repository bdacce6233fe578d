import type { CreateSessionRequest, SessionStatus } from '@parleyhq/contract';
import type { ClientContext } from './client-context.js';
import { createSession } from './create-session.js';
import { unwrap } from './http/unwrap.js';
import type { CallOptions, CommandOptions } from './options.js';
import type { Session } from './session.js';

/** Which sessions to list. */
export interface ListOptions extends CallOptions {
  /** Only sessions of this status. */
  readonly status?: SessionStatus | undefined;
  /** Sessions a page. @default 20 */
  readonly limit?: number | undefined;
}

/** The sessions of this account. */
export interface Sessions {
  /** Starts an agent in a directory; resolves when it is ready. @throws ServiceError AgentUnavailable, InvalidRequest, … */
  create(request: CreateSessionRequest, options?: CommandOptions): Promise<Session>;
  /** A handle on a session that exists. @throws ServiceError SessionNotFound */
  get(sessionId: string, options?: CallOptions): Promise<Session>;
  /** Every session, newest first, page by page as the loop goes on. */
  list(options?: ListOptions): AsyncGenerator<Session, undefined, undefined>;
}

/** The sessions that a client reaches. */
export function createSessions(context: ClientContext): Sessions {
  const { http } = context;
  return {
    async create(request, options) {
      const info = await unwrap(http.POST('/api/sessions', { body: request, ...options }));
      return createSession(context, info, true);
    },
    async get(sessionId, options) {
      const params = { path: { session_id: sessionId } };
      const info = await unwrap(http.GET('/api/sessions/{session_id}', { params, ...options }));
      return createSession(context, info, false);
    },
    async *list({ status, limit, ...options } = {}) {
      let cursor: string | undefined;
      do {
        const query = { ...(status && { status }), ...(limit && { limit }), ...(cursor && { cursor }) };
        const page = await unwrap(http.GET('/api/sessions', { params: { query }, ...options }));
        for (const info of page.sessions) yield createSession(context, info, false);
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      return undefined;
    },
  };
}
