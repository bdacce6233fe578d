import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { ServiceError } from '@parleyhq/contract';

/**
 * Answers what is no HTTP that Node can parse, with the contract's error. For the HTTP server's event `clientError`.
 *
 * A request that breaks off gets no answer: it may have been a good one, and only a connection that fails says that it is
 * to be sent again.
 */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || error.code === 'HPE_INVALID_EOF_STATE' || !socket.writable) {
    socket.destroy();
    return;
  }
  const message = `The request is no HTTP that this server understands: ${error.message}.`;
  const requestId = randomUUID();
  const body = JSON.stringify(new ServiceError('InvalidRequest', message).toData(Date.now(), requestId));
  const headers = [
    'HTTP/1.1 400 Bad Request',
    `X-Request-Id: ${requestId}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  // A client that never closes its half would keep the connection for ever.
  socket.once('finish', () => socket.destroy());
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}
