import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import type { ForwardedRequest } from '../auth/forwarded.js';
import type { HostPolicy } from '../auth/hosts.js';
import { invalidRequest } from './invalid-request.js';

const CORS_METHODS = 'GET, POST, DELETE';
const CORS_HEADERS = 'Authorization, Content-Type, Idempotency-Key';
const CORS_EXPOSED = 'Allow, Location, Retry-After, Upgrade, X-Request-Id';

/**
 * Refuses a request whose host is not a name of this server, or whose origin is not allowed.
 *
 * @throws ServiceError Forbidden, or InvalidRequest for a request with two Host or two Authorization headers.
 */
export function checkHostAndOrigin(
  { headers, headersDistinct }: IncomingMessage,
  forwarded: ForwardedRequest,
  policy: HostPolicy,
): void {
  // Node would use the first of two headers, while a proxy in front of it may have checked or set the other.
  for (const name of ['host', 'authorization']) {
    const count = headersDistinct[name]?.length ?? 0;
    if (count > 1) throw invalidRequest([{ pointer: `/headers/${name}`, message: `expected one, got ${count}` }]);
  }
  const { origin } = headers;
  if (!policy.allowsHost(forwarded)) {
    throw new ServiceError(
      'Forbidden',
      `Host ${quote(forwarded.host)} is not allowed; the operator can allow it (--allow-host).`,
    );
  }
  if (origin !== undefined && !policy.allowsOrigin(origin, forwarded)) {
    throw new ServiceError(
      'Forbidden',
      `Origin ${quote(origin)} is not allowed; the operator can allow it (--allow-origin).`,
    );
  }
}

/** Lets the page of an allowed origin read the response; with cookies only if the origin is listed exactly or is our own. */
export function setCorsHeaders(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  forwarded: ForwardedRequest,
  policy: HostPolicy,
): void {
  response.setHeader('Vary', 'Origin');
  if (origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', CORS_EXPOSED);
  if (policy.isExactOrigin(origin, forwarded)) response.setHeader('Access-Control-Allow-Credentials', 'true');
}

/** Answers a CORS preflight request; false if the request is not one. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  const { headers, method } = request;
  if (method !== 'OPTIONS' || !headers.origin || !headers['access-control-request-method']) return false;
  response.setHeader('Access-Control-Allow-Methods', CORS_METHODS);
  response.setHeader('Access-Control-Allow-Headers', CORS_HEADERS);
  response.setHeader('Access-Control-Max-Age', '600');
  if (headers['access-control-request-private-network']) {
    response.setHeader('Access-Control-Allow-Private-Network', 'true');
  }
  response.writeHead(204).end();
  return true;
}

function quote(value: string | undefined): string {
  return value === undefined ? '(none)' : value.slice(0, 256);
}
