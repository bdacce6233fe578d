import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import type { HostPolicy } from '../auth/hosts.js';
import { invalidRequest } from './invalid-request.js';

// What this server sends is data for programs: no page, nothing to keep, nothing to frame or to sniff.
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

const CORS_METHODS = 'GET, POST, DELETE';
const CORS_HEADERS = 'Authorization, Content-Type, Idempotency-Key';
const CORS_EXPOSED = 'Allow, Location, Retry-After, Upgrade, X-Request-Id';

/** Sets what every response carries, errors too. */
export function setCommonHeaders(response: ServerResponse, requestId: string): void {
  response.setHeader('X-Request-Id', requestId);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
}

/**
 * Refuses what is not meant for this server or comes from a page that may not talk to it.
 *
 * @throws ServiceError Forbidden, or InvalidRequest for a request that says twice whom it is for or from whom.
 */
export function checkHostAndOrigin({ headers, headersDistinct }: IncomingMessage, policy: HostPolicy): void {
  // Of two, Node takes the first; a proxy before it may have checked, or set, the other.
  for (const name of ['host', 'authorization']) {
    const count = headersDistinct[name]?.length ?? 0;
    if (count > 1) throw invalidRequest([{ pointer: `/headers/${name}`, message: `expected one, got ${count}` }]);
  }
  const { host, origin } = headers;
  if (!policy.allowsHost(host)) {
    throw new ServiceError(
      'Forbidden',
      `Host ${quote(host)} is not allowed; the operator can allow it (--allow-host).`,
    );
  }
  if (origin !== undefined && !policy.allowsOrigin(origin, host)) {
    throw new ServiceError(
      'Forbidden',
      `Origin ${quote(origin)} is not allowed; the operator can allow it (--allow-origin).`,
    );
  }
}

/** Lets the page of an allowed origin read the response; with a cookie only if the origin is named exactly. */
export function setCorsHeaders({ headers }: IncomingMessage, response: ServerResponse, policy: HostPolicy): void {
  response.setHeader('Vary', 'Origin');
  const { origin, host } = headers;
  if (origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', CORS_EXPOSED);
  if (policy.isExactOrigin(origin, host)) response.setHeader('Access-Control-Allow-Credentials', 'true');
}

/** Answers the question that browsers ask before a request of another origin; false if this is none. */
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
