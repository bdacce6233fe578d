import type { World } from './cases/world.js';
import { openConnection } from './wire/connection.js';

/** Clients that are told to go and stay. */
export interface StubbornClients {
  stop(): void;
}

const GARBAGE = [
  'GARBAGE\r\n\r\n',
  'GET / HTTP/1.1\r\nBad Header: x\r\n\r\n',
  'GET /events HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
];

/** Starts clients that send garbage, are answered, and never close: the server must do it, before its timeouts (a minute and more) do. Resolves when all are answered. */
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
