import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ServiceError } from '@parleyhq/contract';
import { refuseSocket } from '../socket/refuse-socket.js';
import { securityHeaders } from './security-headers.js';

/** The sockets whose request has been answered before it arrived completely. An error of such a request gets no answer. */
const answeredSockets = new WeakSet<Duplex>();

/**
 * To be called when a request is answered before it has arrived completely, before the end of its answer. Has an effect until
 * the request has ended.
 *
 * If the connection is to be closed, the rest of the request is read before: a connection that is closed with something unread
 * is reset, and a client that is still sending would lose the answer.
 */
export function answeredEarly(request: IncomingMessage): void {
  const { socket } = request;
  const { destroySoon } = socket;
  let isLast = false;
  answeredSockets.add(socket);
  // Without this: resets a connection before its client has read why
  socket.destroySoon = () => {
    isLast = true;
    socket.end();
  };
  request.once('end', () => {
    answeredSockets.delete(socket);
    socket.destroySoon = destroySoon;
    if (isLast) socket.destroySoon();
  });
}

/**
 * Answers a request that Node cannot parse, or that does not arrive in time, with the contract's error, and closes the
 * connection. For the HTTP server's event `clientError`.
 *
 * A request that breaks off gets no answer: it may have been valid, and a client sends it again only if the connection
 * fails. A request that failed below HTTP, in TLS, gets no answer either.
 */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  const { code = '' } = error;
  const isOfTls = code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO';
  const isBrokenOff = code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE';
  if (isOfTls || isBrokenOff || answeredSockets.has(socket) || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  refuseSocket(socket, new ServiceError('InvalidRequest', explain(code, error)), requestId, securityHeaders(requestId));
}

function explain(code: string, { message }: Error): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'The request did not come in time.';
  if (code === 'HPE_HEADER_OVERFLOW') return 'The request line and the headers are longer than this server takes.';
  return `The request is not HTTP that this server understands: ${message}.`;
}
