import type { Handlers } from '../../gen/handlers.js';
import type { SessionHost } from '../../sessions/session-host.js';
import { callerOf } from '../caller.js';
import { checkMetadata } from '../metadata.js';
import type { Account, Anyone } from './index.js';

/** Takes submissions. */
export function createSubmissionHandlers(sessions: SessionHost): Pick<Handlers<Account, Anyone>, 'submit'> {
  return {
    async submit(request) {
      const { body, path } = request;
      checkMetadata(body.metadata, '/body/metadata');
      const { answer } = await sessions.submit(callerOf(request), path.session_id, body);
      return { status: 200, body: answer };
    },
  };
}
