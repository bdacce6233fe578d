import type { AgentSessionList, CreateSessionRequest, SessionStatus } from '@parleyhq/contract';
import { checkCount } from './check-options.js';
import type { ClientContext } from './client-context.js';
import { createSession } from './create-session.js';
import { unwrap } from './http/unwrap.js';
import type { CallOptions, CommandOptions } from './options.js';
import type { Session } from './session.js';

/** The server's maximum for one page. */
const LARGEST_PAGE = 100;

/** Which sessions to list. */
export interface ListOptions extends CallOptions {
  /** Only sessions of this status. */
  readonly status?: SessionStatus | undefined;
  /** The maximum number of sessions. @default all */
  readonly limit?: number | undefined;
  /** How many sessions one request asks for, 1 to 100. @default 20 */
  readonly pageSize?: number | undefined;
}

/** Which sessions of an agent to list. */
export interface AgentSessionsOptions extends CallOptions {
  /** The directory that they are of, an absolute path. */
  readonly cwd: string;
  /** The maximum number of sessions of the page, 1 to 100. @default 50 */
  readonly limit?: number | undefined;
  /** The `next_cursor` of the page before. @default the first page */
  readonly cursor?: string | undefined;
}

/** The sessions of this account. */
export interface Sessions {
  /** Starts an agent in a directory; resolves when it is ready. @throws ServiceError AgentUnavailable, InvalidRequest, … */
  create(request: CreateSessionRequest, options?: CommandOptions): Promise<Session>;
  /** A handle on a session that exists. @throws ServiceError SessionNotFound */
  get(sessionId: string, options?: CallOptions): Promise<Session>;
  /**
   * All sessions, or at most `limit`, newest first. Pages are requested as the loop goes on.
   *
   * @throws RangeError or TypeError for a `limit` or `pageSize` that is out of range or not a number.
   */
  list(options?: ListOptions): AsyncGenerator<Session, undefined, undefined>;
  /**
   * A page of the sessions that an agent itself keeps; `create` takes one up with `resume_agent_session`.
   *
   * @throws ServiceError UnsupportedByAgent
   */
  ofAgent(agent: string, options: AgentSessionsOptions): Promise<AgentSessionList>;
}

/** The sessions of a client. */
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
    async *list({ status, limit = Number.POSITIVE_INFINITY, pageSize = 20, ...options } = {}) {
      checkCount('limit', limit);
      checkCount('pageSize', pageSize, 1, LARGEST_PAGE);
      let cursor: string | undefined;
      for (let left = limit; left > 0; ) {
        const query = { ...(status && { status }), limit: Math.min(pageSize, left), ...(cursor && { cursor }) };
        const page = await unwrap(http.GET('/api/sessions', { params: { query }, ...options }));
        for (const info of page.sessions.slice(0, left)) yield createSession(context, info, false);
        left -= page.sessions.length;
        cursor = page.next_cursor ?? undefined;
        if (cursor === undefined) return undefined;
      }
      return undefined;
    },
    ofAgent(agent, { cwd, limit, cursor, ...options }) {
      const query = { cwd, ...(limit && { limit }), ...(cursor && { cursor }) };
      return unwrap(http.GET('/api/agents/{agent}/sessions', { params: { path: { agent }, query }, ...options }));
    },
  };
}
