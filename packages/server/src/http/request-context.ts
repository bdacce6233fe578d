import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ForwardedRequest } from '../auth/forwarded.js';
import type { Principal } from '../auth/principal.js';
import type { FoundRoute } from './find-route.js';

/** What the server knows about a request in addition to its content. */
export interface RequestContext {
  /** Sent as `X-Request-Id` and in every error, and written into every line of the log. */
  readonly requestId: string;
  /** By the monotonic clock. */
  readonly startedAt: number;
  /** The request as its client sent it, before proxies; set when it arrives. */
  forwarded?: ForwardedRequest;
  /** Set once the credential has been checked; undefined for a public operation without a valid credential. */
  principal?: Principal | undefined;
  /** Set once the path and the method are known. */
  found?: FoundRoute;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** The context of a request; created with the first call. */
export function contextOf(request: IncomingMessage): RequestContext {
  let context = contexts.get(request);
  if (!context) {
    context = { requestId: randomUUID(), startedAt: performance.now() };
    contexts.set(request, context);
  }
  return context;
}
