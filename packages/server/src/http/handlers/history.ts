import { type History, ServiceError } from '@parleyhq/contract';
import type { Handlers } from '../../gen/handlers.js';
import type { SessionHost } from '../../host/session-host.js';
import { type Account, type Anyone, callerOf } from '../caller.js';
import { rawJson } from '../raw-json.js';

/** What the events of sessions are read from. */
export interface HistoryHandlersOptions {
  readonly sessions: SessionHost;
  /** Says whether one more socket would be taken; throws a ServiceError if not. */
  checkCapacity(sessionId: string, account: string): void;
}

/** Reads the log, and says whether a socket would be let in. */
export function createHistoryHandlers(
  options: HistoryHandlersOptions,
): Pick<Handlers<Account, Anyone>, 'getHistory' | 'probeEvents'> {
  const { sessions, checkCapacity } = options;
  return {
    async getHistory(request) {
      const { after, limit } = request.query;
      const page = await sessions.history(callerOf(request), request.path.session_id, after, limit);
      // The frames are JSON already, and the very bytes that the socket sends.
      const rest = `"next_after":${page.nextAfter},"latest_event_id":${page.latestEventId}`;
      return { status: 200, body: rawJson<History>(`{"items":[${page.frames.join(',')}],${rest}}`) };
    },

    async probeEvents(request) {
      const { path, query } = request;
      sessions.feed(callerOf(request), path.session_id, query.since_event_id);
      checkCapacity(path.session_id, request.principal.account);
      throw new ServiceError('UpgradeRequired', 'This path speaks WebSocket: send an upgrade.');
    },
  };
}
