import { invalidRequest } from './invalid-request.js';

/**
 * Checks the size of `metadata` in bytes as JSON, which a schema cannot express.
 *
 * @throws ServiceError InvalidRequest at `pointer`.
 */
export function checkMetadata(metadata: object | undefined, pointer: string, maxBytes: number): void {
  if (metadata === undefined) return;
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes <= maxBytes) return;
  const message = `expected at most ${maxBytes} bytes as JSON, got ${bytes}`;
  throw invalidRequest([{ pointer, message }]);
}
