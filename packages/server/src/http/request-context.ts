import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Outside } from '../auth/outside.js';
import type { Principal } from '../auth/principal.js';
import type { FoundRoute } from './find-route.js';

/** What the server knows of a request beside what it carries. */
export interface RequestContext {
  /** Goes out as `X-Request-Id`, in every error and in every line of the log. */
  readonly requestId: string;
  /** By the monotonic clock. */
  readonly startedAt: number;
  /** How the request looks from outside; set when it comes in. */
  outside?: Outside;
  /** Set once the credential has been checked; undefined where none is needed and none, or a wrong one, was sent. */
  principal?: Principal | undefined;
  /** Set once the path and the method are known. */
  found?: FoundRoute;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** The context of a request; made when it is first asked for. */
export function contextOf(request: IncomingMessage): RequestContext {
  let context = contexts.get(request);
  if (!context) {
    context = { requestId: randomUUID(), startedAt: performance.now() };
    contexts.set(request, context);
  }
  return context;
}
