import { ServiceError } from '@parleyhq/contract';
import { LogError } from './event-log.js';

/** The ServiceError for a refusal of the log; undefined for any other error, and for a fault of the server itself. */
export function wireErrorOf(error: unknown): ServiceError | undefined {
  if (!(error instanceof LogError) || error.reason === 'conflict') return undefined;
  if (error.reason === 'trimmed') return new ServiceError('CursorExpired', error.message, { cause: error });
  return new ServiceError('Unavailable', 'The log cannot be used now.', { cause: error, retryAfter: 1 });
}
