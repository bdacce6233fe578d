import { createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import { plainAddress } from './forwarded.js';

/**
 * Answers the challenge of a client: proves that this server has the access token, and shows nothing of it. The address and
 * the port at which the connection was taken are part of it, so that nobody else can pass it on as its own.
 */
export function proofOf(accessToken: string, challenge: string, { localAddress = '', localPort }: Socket): string {
  const lines = ['parley-health-proof', challenge, plainAddress(localAddress), localPort];
  return createHmac('sha256', accessToken).update(lines.join('\n')).digest('base64url');
}
