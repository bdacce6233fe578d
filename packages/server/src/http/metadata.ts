import { invalidRequest } from './invalid-request.js';

/**
 * Checks what a schema cannot say of `metadata`: its size, in bytes as JSON.
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
