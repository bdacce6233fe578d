import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Change, type PassedRequest, pairsOf } from './change.js';
import { passRequest } from './pass-request.js';
import { passSocket } from './pass-socket.js';

/** A server in front of another. */
export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a proxy for HTTP and WebSocket on a free port, in front of a server on loopback. */
export async function startProxy(port: number, change: Change): Promise<Proxy> {
  const open = new Set<Socket>();
  const server = createServer((incoming, response) => {
    passRequest(port, change, readHead(incoming), incoming, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
  });
  server.on('upgrade', (incoming: IncomingMessage, near: Socket, head: Buffer) => {
    passSocket(port, change, readHead(incoming), near, head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function readHead({ method = 'GET', url = '/', rawHeaders }: IncomingMessage): PassedRequest {
  return { method, target: url, headers: pairsOf(rawHeaders) };
}
