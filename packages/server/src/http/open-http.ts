import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { CheckedLimits } from '../limits.js';
import type { TlsFiles } from '../read-tls.js';

/** The limits of connections. */
export type HttpLimits = Pick<
  CheckedLimits,
  'maxTcpConnections' | 'maxHeaderBytes' | 'headersTimeoutMs' | 'requestTimeoutMs' | 'keepAliveTimeoutMs'
>;

/** How often Node checks for late requests within the shortest timeout. */
const CHECKS_PER_TIMEOUT = 4;

/** Creates the HTTP server, over TLS if there is a certificate. It does not listen yet. */
export function openHttp(tls: TlsFiles | undefined, limits: HttpLimits): Server {
  const headersTimeout = Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs);
  const options = {
    // Node refuses headers of exactly `maxHeaderSize` bytes; our limit itself is allowed.
    maxHeaderSize: limits.maxHeaderBytes + 1,
    headersTimeout,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.max(1, Math.min(5_000, Math.floor(headersTimeout / CHECKS_PER_TIMEOUT))),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // A request without a Host gets the contract's error, not Node's own answer, which has no body.
    requireHostHeader: false,
  };
  const server = tls
    ? createTlsServer({ ...options, ...tls, handshakeTimeout: headersTimeout })
    : createServer(options);
  // With a maximum, Node drops further headers silently. `checkHead` counts them, and their size is limited anyway.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxTcpConnections;
  return server;
}
