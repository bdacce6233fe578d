import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import type { ForwardedRequest } from '../auth/forwarded.js';

// All answers are data for programs: nothing to be shown as a page, cached, framed or sniffed.
const setHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
});

/** The headers of helmet, which are the same for every answer. Read once, for answers without a response object. */
const ALWAYS = readHeaders();
const LOOPBACK = /^(localhost|127\.|\[::1\])/i;

/**
 * The headers of every answer, also of errors and refused handshakes. Over TLS they include HSTS: clients must use TLS for
 * this host. Loopback names get no HSTS, since all programs of a machine share them.
 *
 * @param forwarded The request as its client sent it; absent if there is no request.
 */
export function securityHeaders(requestId: string, forwarded?: ForwardedRequest): Readonly<Record<string, string>> {
  const isTls = forwarded?.protocol === 'https' && forwarded.host !== undefined && !LOOPBACK.test(forwarded.host);
  return {
    'X-Request-Id': requestId,
    'Cache-Control': 'no-store',
    ...ALWAYS,
    ...(isTls ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
}

function readHeaders(): Readonly<Record<string, string>> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  setHeaders(request, response, (error) => {
    if (error) throw error;
  });
  return Object.fromEntries(response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]));
}
