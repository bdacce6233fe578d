import type { Session } from '@parleyhq/contract';
import type { Handlers } from '../../gen/handlers.js';
import type { SessionHost, SessionState } from '../../host/session-host.js';
import type { CheckedLimits } from '../../limits.js';
import { type Account, type Anyone, callerOf } from '../caller.js';
import { checkMetadata } from '../metadata.js';

/** What the handlers of sessions need. */
export interface SessionHandlersOptions {
  readonly sessions: SessionHost;
  readonly limits: Pick<CheckedLimits, 'maxMetadataBytes'>;
}

type Names = 'createSession' | 'forkSession' | 'listSessions' | 'getSession' | 'submit' | 'closeSession';

/** The handlers that create, list, command and close sessions. */
export function createSessionHandlers({
  sessions,
  limits,
}: SessionHandlersOptions): Pick<Handlers<Account, Anyone>, Names> {
  return {
    async createSession(request) {
      checkMetadata(request.body.metadata, '/body/metadata', limits.maxMetadataBytes);
      const state = await sessions.create(callerOf(request), request.body);
      const body = toSession(state, request.baseUrl);
      return { status: 201, body, headers: { Location: body.http_url } };
    },

    async forkSession(request) {
      const state = await sessions.fork(callerOf(request), request.path.session_id, request.body);
      const body = toSession(state, request.baseUrl);
      return { status: 201, body, headers: { Location: body.http_url } };
    },

    async listSessions(request) {
      const { sessions: states, next_cursor } = sessions.list(callerOf(request), request.query);
      return { status: 200, body: { sessions: states.map((state) => toSession(state, request.baseUrl)), next_cursor } };
    },

    async getSession(request) {
      return {
        status: 200,
        body: toSession(sessions.get(callerOf(request), request.path.session_id), request.baseUrl),
      };
    },

    async submit(request) {
      const { body, path } = request;
      checkMetadata(body.metadata, '/body/metadata', limits.maxMetadataBytes);
      const { answer } = await sessions.submit(callerOf(request), path.session_id, body);
      return { status: 200, body: answer };
    },

    async closeSession(request) {
      await sessions.close(callerOf(request), request.path.session_id, { purge: request.query.purge });
      return { status: 204 };
    },
  };
}

function toSession({ session_id, ...state }: SessionState, baseUrl: string): Session {
  const http_url = `${baseUrl}/api/sessions/${session_id}`;
  return { session_id, ws_url: `${http_url.replace(/^http/, 'ws')}/events`, http_url, ...state };
}
