import type { IncomingMessage } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import type { CheckedLimits } from '../limits.js';

/**
 * Checks how long the address is and how many headers there are; Node has checked their bytes.
 *
 * @throws ServiceError InvalidRequest
 */
export function checkHead(
  { url = '', rawHeaders }: IncomingMessage,
  { maxUrlBytes, maxHeaderCount }: Pick<CheckedLimits, 'maxUrlBytes' | 'maxHeaderCount'>,
): void {
  // Node gives each byte as one character, and refuses those that are not ASCII.
  if (url.length > maxUrlBytes) throw tooMuch(`at most ${maxUrlBytes} bytes of path and query`, url.length);
  const headers = rawHeaders.length / 2;
  if (headers > maxHeaderCount) throw tooMuch(`at most ${maxHeaderCount} headers`, headers);
}

function tooMuch(expected: string, got: number): ServiceError {
  return new ServiceError('InvalidRequest', `Expected ${expected}, got ${got}.`);
}
