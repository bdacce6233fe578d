import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** The address of a listening server. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, or https. If every address is bound, the host is the loopback address. */
  readonly url: string;
}

/**
 * Starts to listen.
 *
 * @throws Error with Node's code, such as `EADDRINUSE`, `EACCES` or `EADDRNOTAVAIL`.
 */
export async function listenAt(server: Server, host: string, port: number): Promise<ServerAddress> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  const shown = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  const protocol = server instanceof TlsServer ? 'https' : 'http';
  return { host, port: address.port, url: `${protocol}://${shown}:${address.port}` };
}

/**
 * The connections of a server that are open, whatever they have come to. Node itself lists only those that it knows as HTTP,
 * which those that still shake hands for TLS are not.
 */
export function connectionsOf(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    // One whose offer of another protocol was ignored comes again.
    if (open.has(connection)) return;
    open.add(connection);
    connection.once('close', () => open.delete(connection));
  });
  return open;
}

/**
 * Refuses new connections, and waits at most `graceMs` milliseconds for the open requests.
 *
 * @param connections all that are open, see `connectionsOf`
 */
export async function closeServer(server: Server, connections: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const deadline = setTimeout(() => {
    // Without this: waits for handshakes of TLS that nobody goes on with
    for (const connection of connections) connection.destroy();
  }, graceMs);
  await closed;
  clearTimeout(deadline);
}
