import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ServiceError } from '@parleyhq/contract';
import { refuseSocket } from '../socket/refuse-socket.js';
import { securityHeaders } from './security-headers.js';

/** A request that is not there whole, although its answer has been sent: there is nothing more to say on its socket. */
const answered = new WeakSet<Duplex>();

/** To be called when a request has been answered before all of it came. Once it has, the next one counts again. */
export function answeredEarly(request: IncomingMessage): void {
  const { socket } = request;
  answered.add(socket);
  request.once('end', () => answered.delete(socket));
}

/**
 * Answers what is no HTTP that Node can parse, or does not come in time, with the contract's error, and closes. For the
 * HTTP server's event `clientError`.
 *
 * A request that breaks off gets no answer: it may have been a good one, and only a connection that fails says that it is
 * to be sent again. Neither does one that failed below HTTP, in TLS.
 */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  const { code = '' } = error;
  const isOfTls = code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO';
  const isBrokenOff = code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE';
  if (isOfTls || isBrokenOff || answered.has(socket) || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  refuseSocket(socket, new ServiceError('InvalidRequest', explain(code, error)), requestId, securityHeaders(requestId));
}

function explain(code: string, { message }: Error): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'The request did not come in time.';
  if (code === 'HPE_HEADER_OVERFLOW') return 'The request line and the headers are longer than this server takes.';
  return `The request is no HTTP that this server understands: ${message}.`;
}
