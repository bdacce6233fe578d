import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { CheckedLimits } from '../limits.js';
import type { TlsFiles } from '../read-tls.js';

/** What bounds connections, whatever is sent on them. */
export type HttpLimits = Pick<
  CheckedLimits,
  'maxTcpConnections' | 'maxHeaderBytes' | 'headersTimeoutMs' | 'requestTimeoutMs' | 'keepAliveTimeoutMs'
>;

/** How often Node looks for requests that are late, in parts of the shortest time there is for them. */
const LOOKS = 4;

/** Creates the server that speaks HTTP, over TLS if there is a certificate; it listens to nothing yet. */
export function openHttp(tls: TlsFiles | undefined, limits: HttpLimits): Server {
  const headersTimeout = Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs);
  const options = {
    // Node refuses what reaches its bound; this one is what passes.
    maxHeaderSize: limits.maxHeaderBytes + 1,
    headersTimeout,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.max(1, Math.min(5_000, Math.floor(headersTimeout / LOOKS))),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // A request without a Host gets the contract's error, not Node's own answer, which has no body.
    requireHostHeader: false,
  };
  const server = tls
    ? createTlsServer({ ...options, ...tls, handshakeTimeout: headersTimeout })
    : createServer(options);
  // Node would drop headers, and not tell: `checkHead` counts them, and their bytes are bounded anyway.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxTcpConnections;
  return server;
}
