import type { IncomingMessage } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import type { CheckedLimits } from '../limits.js';

/**
 * Checks the length of the URL and the number of headers. Node has checked the total size of the headers.
 *
 * @throws ServiceError InvalidRequest
 */
export function checkHead(
  { url = '', rawHeaders }: IncomingMessage,
  { maxUrlBytes, maxHeaderCount }: Pick<CheckedLimits, 'maxUrlBytes' | 'maxHeaderCount'>,
): void {
  // One character is one byte here: Node refuses URLs that are not ASCII.
  if (url.length > maxUrlBytes) throw tooMuch(`at most ${maxUrlBytes} bytes of path and query`, url.length);
  const headers = rawHeaders.length / 2;
  if (headers > maxHeaderCount) throw tooMuch(`at most ${maxHeaderCount} headers`, headers);
}

function tooMuch(expected: string, got: number): ServiceError {
  return new ServiceError('InvalidRequest', `Expected ${expected}, got ${got}.`);
}
