import { invalidRequest } from './invalid-request.js';

/** Bytes of `metadata` as JSON, at most: 16 KiB. */
const MAX_METADATA_BYTES = 16_384;

/**
 * Checks what a schema cannot say of `metadata`: its size.
 *
 * @throws ServiceError InvalidRequest at `pointer`.
 */
export function checkMetadata(metadata: object | undefined, pointer: string): void {
  if (metadata === undefined) return;
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes <= MAX_METADATA_BYTES) return;
  const message = `expected at most ${MAX_METADATA_BYTES} bytes as JSON, got ${bytes}`;
  throw invalidRequest([{ pointer, message }]);
}
