import type { Handlers } from '../../gen/handlers.js';
import { callerOf } from '../caller.js';
import { checkMetadata } from '../metadata.js';
import type { Account, Anyone, CommandHandlersOptions } from './index.js';

/** Takes submissions. */
export function createSubmissionHandlers({
  sessions,
  limits,
}: CommandHandlersOptions): Pick<Handlers<Account, Anyone>, 'submit'> {
  return {
    async submit(request) {
      const { body, path } = request;
      checkMetadata(body.metadata, '/body/metadata', limits.maxMetadataBytes);
      const { answer } = await sessions.submit(callerOf(request), path.session_id, body);
      return { status: 200, body: answer };
    },
  };
}
