import { createHash } from 'node:crypto';

/** How a token is kept and compared: secrets of 256 bits need no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
