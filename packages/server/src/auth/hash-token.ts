import { createHash } from 'node:crypto';

/** The hash that is stored and compared in place of a token. Secrets of 256 bits need no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
