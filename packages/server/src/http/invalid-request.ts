import { type ErrorDetail, ServiceError } from '@parleyhq/contract';

const MAX_REASON = 4_096;

/** The refusal of a request, with each place that does not fit and what was expected there. */
export function invalidRequest(details: readonly ErrorDetail[]): ServiceError {
  const places = details.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  const reason = `The request does not fit the contract: ${places}`.slice(0, MAX_REASON);
  return new ServiceError('InvalidRequest', reason, { details });
}
