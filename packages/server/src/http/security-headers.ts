import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import type { Outside } from '../auth/outside.js';

// What this server sends is data for programs: no page, nothing to keep, nothing to frame or to sniff.
const setHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
});

/** What helmet sets is the same for every answer: asked once, so that answers without a response object have it too. */
const ALWAYS = readHeaders();
const LOOPBACK = /^(localhost|127\.|\[::1\])/i;

/**
 * The headers that every answer carries, errors and refused handshakes too. Over TLS they say that this host is to be
 * reached over TLS alone (HSTS); not for loopback names, which every program of a machine shares.
 *
 * @param outside How the request looks from outside; left out where there is none.
 */
export function securityHeaders(requestId: string, outside?: Outside): Readonly<Record<string, string>> {
  const isTls = outside?.protocol === 'https' && outside.host !== undefined && !LOOPBACK.test(outside.host);
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
