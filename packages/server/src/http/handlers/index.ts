import type { Handlers } from '../../gen/handlers.js';
import type { Account, Anyone } from '../caller.js';
import { type AgentHandlersOptions, createAgentHandlers } from './agents.js';
import { type AuthHandlersOptions, createAuthHandlers } from './auth.js';
import { createHistoryHandlers, type HistoryHandlersOptions } from './history.js';
import { createPatchHandlers } from './patches.js';
import { createSessionHandlers, type SessionHandlersOptions } from './sessions.js';
import { createSystemHandlers, type SystemHandlersOptions } from './system.js';

/** What all handlers need. */
export type HandlersOptions = AgentHandlersOptions &
  AuthHandlersOptions &
  SessionHandlersOptions &
  HistoryHandlersOptions &
  SystemHandlersOptions;

/** The handlers of all operations. */
export function createHandlers(options: HandlersOptions): Handlers<Account, Anyone> {
  return {
    ...createSessionHandlers(options),
    ...createPatchHandlers(options.sessions),
    ...createHistoryHandlers(options),
    ...createAgentHandlers(options),
    ...createAuthHandlers(options),
    ...createSystemHandlers(options),
  };
}
