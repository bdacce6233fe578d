import type { Principal } from '../../auth/principal.js';
import type { Handlers } from '../../gen/handlers.js';
import type { SessionHost } from '../../host/session-host.js';
import type { CheckedLimits } from '../../limits.js';
import { type AgentHandlersOptions, createAgentHandlers } from './agents.js';
import { type AuthHandlersOptions, createAuthHandlers } from './auth.js';
import { createHistoryHandlers, type HistoryHandlersOptions } from './history.js';
import { createPatchHandlers } from './patches.js';
import { createSessionHandlers } from './sessions.js';
import { createSubmissionHandlers } from './submissions.js';
import { createSystemHandlers, type SystemHandlersOptions } from './system.js';

/** What comes with every request. */
export interface Anyone {
  /** Undefined without a credential, or with one that is not good. */
  readonly principal: Principal | undefined;
  /** Where this client reaches the server: an absolute URL without a slash at its end. */
  readonly baseUrl: string;
}

/** What comes with a request whose credential is good. */
export interface Account extends Anyone {
  readonly principal: Principal;
}

/** What commands are carried out with. */
export interface CommandHandlersOptions {
  readonly sessions: SessionHost;
  readonly limits: Pick<CheckedLimits, 'maxMetadataBytes'>;
}

/** Everything that the handlers work on. */
export type HandlersOptions = AgentHandlersOptions &
  AuthHandlersOptions &
  CommandHandlersOptions &
  HistoryHandlersOptions &
  SystemHandlersOptions;

/** The handlers of all operations. */
export function createHandlers(options: HandlersOptions): Handlers<Account, Anyone> {
  return {
    ...createSessionHandlers(options),
    ...createSubmissionHandlers(options),
    ...createPatchHandlers(options.sessions),
    ...createHistoryHandlers(options),
    ...createAgentHandlers(options),
    ...createAuthHandlers(options),
    ...createSystemHandlers(options),
  };
}
