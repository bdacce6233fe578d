import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createByteBudget } from '../src/byte-budget.js';
import { checkLimits, type ServerLimits } from '../src/limits.js';
import { createWebSocketServer, type SocketAdmission } from '../src/socket/web-socket-server.js';
import { createFeed } from '../src/stream/feed.js';
import { openLog } from './open-log.js';
import { refusedHandshake, SocketClient, silentSocket } from './socket-client.js';

/** The session that the sockets of a test belong to. */
export const SESSION = '550e8400-e29b-41d4-a716-446655440000';

type Admission = Partial<SocketAdmission> | ((request: IncomingMessage) => Promise<Partial<SocketAdmission>>);

/**
 * A WebSocket server over a session of its own with one event, for one test. It admits with what the test gives; `since`
 * in the address is the cursor. A client may have `incoming` bytes of unfinished frames.
 */
export async function startSockets(admission: Admission = {}, limits: ServerLimits = {}, incoming = 1_000_000) {
  const { log } = await openLog();
  const feed = createFeed({ sessionId: SESSION, log });
  const errors: unknown[] = [];
  const serverSockets: Socket[] = [];
  const written: string[] = [];
  const server = createWebSocketServer({
    async admit(request) {
      const since = new URL(request.url ?? '/', 'http://x').searchParams.get('since');
      const given = typeof admission === 'function' ? await admission(request) : admission;
      return {
        account: 'owner',
        client: 'owner',
        feed,
        after: since === null ? undefined : Number(since),
        submit: async () => undefined,
        ...given,
      };
    },
    onError: (error) => errors.push(error),
    incoming: createByteBudget({ inAll: 1_000_000, each: incoming }),
    limits: checkLimits(limits),
  });
  const http = createServer();
  http.on('connection', (socket) => serverSockets.push(socket));
  http.on('upgrade', server.handleUpgrade);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  onTestFinished(async () => {
    await server.drain(0);
    http.closeAllConnections();
    http.close();
  });

  /** Appends events as a session does. */
  async function append(count: number, payload = 'x'): Promise<void> {
    const before = written.length;
    const entries = Array.from({ length: count }, (_, index) => {
      const id = before + 1 + index;
      return { id, frame: JSON.stringify({ type: 'event', id, timestamp: 1, payload }) };
    });
    written.push(...entries.map((entry) => entry.frame));
    await log.append(SESSION, before, entries);
    feed.publish(entries);
  }
  await append(1);

  return {
    ...{ server, feed, log, append },
    /** The errors that the server reports as its own faults. */
    errors,
    /** The server's ends of the connections. */
    serverSockets,
    /** The frames of all events. */
    written,
    connect: (query?: string, protocols?: string[]) => new SocketClient(port, query, protocols),
    refusal: (headers?: Record<string, string>) => refusedHandshake(port, headers),
    connectSilently: (query?: string) => silentSocket(port, query),
  };
}
