import { ServiceError } from '@parleyhq/contract';
import { LogError } from './event-log.js';

/** What the wire says of a refusal of the log; undefined for every other error, and where the server is at fault. */
export function wireErrorOf(error: unknown): ServiceError | undefined {
  if (!(error instanceof LogError) || error.reason === 'conflict') return undefined;
  if (error.reason === 'trimmed') return new ServiceError('CursorExpired', error.message, { cause: error });
  return new ServiceError('Unavailable', 'The log cannot be used now.', { cause: error, retryAfter: 1 });
}
