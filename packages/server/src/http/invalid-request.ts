import { ServiceError } from '@parleyhq/contract';
import type { Place } from './problems.js';

const MAX_REASON = 4_096;
const MAX_DETAILS = 64;
const MAX_POINTER = 1_024;
const MAX_MESSAGE = 1_024;

/**
 * The refusal of a request, with each place that does not fit and what was expected there. Their number and length are
 * limited, since a client could send any number of mistakes.
 */
export function invalidRequest(problems: readonly Place[]): ServiceError {
  const details = problems.slice(0, MAX_DETAILS).map(({ pointer, message }) => ({
    pointer: pointer.slice(0, MAX_POINTER),
    message: message.slice(0, MAX_MESSAGE),
  }));
  const places = details.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  const reason = `The request does not fit the contract: ${places}`.slice(0, MAX_REASON);
  return new ServiceError('InvalidRequest', reason, { details });
}
