import type { Socket } from 'node:net';
import type { Principal } from '../auth/principal.js';
import type { Caller } from '../host/session-host.js';

/** What a handler gets with every request. */
export interface Anyone {
  /** Undefined if there is no valid credential. */
  readonly principal: Principal | undefined;
  /** The URL at which this client reaches the server, absolute and without a slash at its end. */
  readonly baseUrl: string;
  /** The connection that the request came by. */
  readonly socket: Socket;
}

/** What a handler gets with a request that has a valid credential. */
export interface Account extends Anyone {
  readonly principal: Principal;
}

/** Who sent a request, with the key that makes it safe to repeat. */
export function callerOf(request: Account & { headers?: { 'idempotency-key'?: string } }): Caller {
  return { account: request.principal.account, idempotencyKey: request.headers?.['idempotency-key'] };
}
