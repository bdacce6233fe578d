import { ServiceError } from '@parleyhq/contract';
import { LogError } from './event-log.js';

/** What the machine lacks now, by the error of the system. */
const LACKING: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk quota is used up.',
  EROFS: 'The disk cannot be written.',
  EMFILE: 'No more files can be opened.',
  ENFILE: 'No more files can be opened.',
};

/** The ServiceError for a refusal of the log, or of the machine; undefined for any other error, and for a fault of the server itself. */
export function wireErrorOf(error: unknown): ServiceError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const lacking = LACKING[code];
  if (lacking !== undefined) return new ServiceError('Unavailable', lacking, { cause: error, retryAfter: 10 });
  if (!(error instanceof LogError) || error.reason === 'conflict') return undefined;
  if (error.reason === 'trimmed') return new ServiceError('CursorExpired', error.message, { cause: error });
  return new ServiceError('Unavailable', 'The log cannot be used now.', { cause: error, retryAfter: 1 });
}
