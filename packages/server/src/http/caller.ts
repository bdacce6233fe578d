import type { Principal } from '../auth/principal.js';
import type { Caller } from '../host/session-host.js';

/** What comes with every request. */
export interface Anyone {
  /** Undefined without a credential, or with one that is not good. */
  readonly principal: Principal | undefined;
  /** Where this client reaches the server: an absolute URL without a slash at its end. */
  readonly baseUrl: string;
}

/** What comes with a request whose credential is good. */
export interface Account extends Anyone {
  readonly principal: Principal;
}

/** Whose command a request is, with the key that makes it safe to repeat. */
export function callerOf(request: Account & { headers?: { 'idempotency-key'?: string } }): Caller {
  return { account: request.principal.account, idempotencyKey: request.headers?.['idempotency-key'] };
}
