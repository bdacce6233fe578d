import type { Caller } from '../host/session-host.js';
import type { Account } from './handlers/index.js';

/** Whose command a request is, with the key that makes it safe to repeat. */
export function callerOf(request: Account & { headers?: { 'idempotency-key'?: string } }): Caller {
  return { account: request.principal.account, idempotencyKey: request.headers?.['idempotency-key'] };
}
