import type { Handlers } from '../../gen/handlers.js';
import type { SessionHost } from '../../host/session-host.js';
import { type Account, type Anyone, callerOf } from '../caller.js';

type Names = 'getPatch' | 'applyPatch' | 'revertPatch';

/** The handlers that show, apply and revert patches. */
export function createPatchHandlers(sessions: SessionHost): Pick<Handlers<Account, Anyone>, Names> {
  return {
    async getPatch(request) {
      return { status: 200, body: await sessions.getPatch(callerOf(request), request.path.session_id) };
    },

    async applyPatch(request) {
      const { path, body = {} } = request;
      return { status: 200, body: await sessions.applyPatch(callerOf(request), path.session_id, body) };
    },

    async revertPatch(request) {
      const { path, body } = request;
      return { status: 200, body: await sessions.revertPatch(callerOf(request), path.session_id, body) };
    },
  };
}
