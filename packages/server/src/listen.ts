import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';

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

/** Refuses new connections, and waits at most `graceMs` milliseconds for the open requests. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(deadline);
}
