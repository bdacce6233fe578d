import type { AgentError } from '@parleyhq/agents';
import { ServiceError } from '@parleyhq/contract';

/** The refusal for an agent that wants a login first: `details` has a sentence for each way to log in. */
export function loginRequired(error: AgentError): ServiceError {
  const details = error.methods.map((message) => ({ message }));
  return new ServiceError('AgentLoginRequired', error.message, { details, cause: error });
}
