import { type History, ServiceError } from '@parleyhq/contract';
import type { Handlers } from '../../gen/handlers.js';
import type { SessionHost } from '../../host/session-host.js';
import { type Account, type Anyone, callerOf } from '../caller.js';
import { rawJson } from '../raw-json.js';

/** What the handlers of events need. */
export interface HistoryHandlersOptions {
  readonly sessions: SessionHost;
  /** Throws a ServiceError if no more sockets are accepted. */
  checkCapacity(sessionId: string, account: string): void;
}

/** The handlers that read the log, and that say whether a socket would be accepted. */
export function createHistoryHandlers(
  options: HistoryHandlersOptions,
): Pick<Handlers<Account, Anyone>, 'getHistory' | 'probeEvents'> {
  const { sessions, checkCapacity } = options;
  return {
    async getHistory(request) {
      const { after, limit } = request.query;
      const page = await sessions.history(callerOf(request), request.path.session_id, after, limit);
      // The frames are JSON already, with the same bytes that the socket sends.
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
