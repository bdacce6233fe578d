import type { IncomingMessage, Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';

const UPGRADE_HEADERS = new Set(['connection', 'upgrade', 'http2-settings']);

/** Whether an upgrade is to WebSocket, the only protocol that this server can upgrade to. */
export function isToWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Handles a request as if it offered no upgrade. Clients that can speak HTTP/2 (Java's client, `curl --http2`) offer an upgrade
 * with their first request, and a server without that protocol must answer the request normally. Node treats every offer as
 * a handshake and stops parsing. So the request is put back into the socket without the upgrade headers.
 */
export function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { rawHeaders, method, url } = request;
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!UPGRADE_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
}
