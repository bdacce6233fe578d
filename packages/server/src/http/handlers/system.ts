import type { Health } from '@parleyhq/contract';
import { asyncapiYaml, openapiYaml } from '@parleyhq/contract/documents';
import { proofOf } from '../../auth/proof.js';
import type { Handlers } from '../../gen/handlers.js';
import type { SessionHost } from '../../host/session-host.js';
import type { Account, Anyone } from '../caller.js';

/** What the handlers of health and documents need. */
export interface SystemHandlersOptions {
  readonly sessions: SessionHost;
  readonly version: string;
  /** The owner's: a server proves with it that it is his. */
  readonly accessToken: string;
  /** By the monotonic clock. */
  readonly startedAt: number;
  isDraining(): boolean;
}

type Names = 'getHealth' | 'getOpenapi' | 'getAsyncapi';

/** The handlers that report health and serve the two documents. */
export function createSystemHandlers(options: SystemHandlersOptions): Pick<Handlers<Account, Anyone>, Names> {
  const { sessions, version, accessToken, startedAt, isDraining } = options;
  const status = (): Health['status'] => {
    if (isDraining()) return 'draining';
    return sessions.degraded ? 'degraded' : 'healthy';
  };

  return {
    async getHealth({ principal, query: { challenge }, socket }) {
      const body = {
        status: status(),
        timestamp: Date.now(),
        // Without this: tells anybody how many sessions there are
        session_count: principal ? sessions.openSessions(principal) : 0,
        uptime: Math.floor((performance.now() - startedAt) / 1_000),
        ...(challenge !== undefined && { proof: proofOf(accessToken, challenge, socket) }),
      };
      return { status: 200, body: principal ? { ...body, version } : body };
    },

    async getOpenapi() {
      return { status: 200, body: openapiYaml };
    },

    async getAsyncapi() {
      return { status: 200, body: asyncapiYaml };
    },
  };
}
