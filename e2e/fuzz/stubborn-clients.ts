import type { World } from './cases/world.js';
import { openConnection } from './wire/connection.js';

/** Clients that do not close after a refusal. */
export interface StubbornClients {
  stop(): void;
}

const GARBAGE = [
  'GARBAGE\r\n\r\n',
  'GET / HTTP/1.1\r\nBad Header: x\r\n\r\n',
  'GET /events HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
];

/**
 * Starts clients that send garbage, get an answer and never close. The server must close, before its timeouts (a minute
 * and more). Resolves when all are answered.
 */
export async function startStubbornClients({ port }: World, count: number): Promise<StubbornClients> {
  const connections = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const connection = await openConnection(port);
      await connection.write(Buffer.from(GARBAGE[at % GARBAGE.length] ?? ''));
      while (!connection.ended) await connection.more();
      return connection;
    }),
  );
  return {
    stop() {
      for (const connection of connections) connection.destroy();
    },
  };
}
