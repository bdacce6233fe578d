import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServiceError } from '@parleyhq/contract';

/** The headers that belong to an error. */
export function errorHeaders({ status, retryAfter }: ServiceError): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'application/json; charset=utf-8',
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(status === 426 ? { Upgrade: 'websocket' } : {}),
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
  };
}

/** Writes the HTTP answer for an error on a socket without a response object, and closes it. HEAD gets no body. */
export function refuseSocket(
  socket: Duplex,
  error: ServiceError,
  requestId: string,
  headers: Readonly<Record<string, string>>,
  method?: string,
): void {
  const body = JSON.stringify(error.toData(Date.now(), requestId));
  const all = {
    ...headers,
    ...errorHeaders(error),
    ...(error.status === 426 ? { 'Sec-WebSocket-Version': '13' } : {}),
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  // When everything is written, the system has it. The socket is not kept open for a peer that does not close it.
  socket.once('finish', () => socket.destroy());
  socket.end(
    [`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`, ...lines, '', method === 'HEAD' ? '' : body].join(
      '\r\n',
    ),
  );
}
