import { TEXT, writeFrame } from '../shared/wire/write-frame.js';
import { handshake } from './cases/plan-case.js';
import type { World } from './cases/world.js';
import { openConnection, type RawConnection, readAnswer } from './wire/connection.js';
import { writeRequest } from './wire/request.js';

/** Milliseconds between two bytes. */
const PACE = 200;

/** Clients that send slowly during a whole run. */
export interface SlowClients {
  /** Disconnects them. */
  stop(): void;
}

/** Starts clients that slowly send the bytes of a request's head, its body, a handshake or a frame, or send nothing. */
export async function startSlowClients(world: World, ofEach: number): Promise<SlowClients> {
  const headers = [
    ['Host', '127.0.0.1'],
    ['Authorization', `Bearer ${world.token}`],
    ['Content-Type', 'application/json'],
  ] as const;
  const target = `/api/sessions/${world.live}/submit`;
  const body = Buffer.from(`{"type":"interrupt","metadata":{"note":"${'slow '.repeat(2_000)}"}}`);
  const request = writeRequest({ method: 'POST', target, headers: [...headers, ['X-Slow', 's'.repeat(10_000)]], body });
  const withBody = writeRequest({ method: 'POST', target, headers, body });
  const events = handshake(`/api/sessions/${world.live}/events`, world);
  const slowHandshake = writeRequest({ ...events, headers: [...events.headers, ['X-Slow', 's'.repeat(10_000)]] });
  const clients: { connection: RawConnection; bytes: Buffer; sent: number }[] = [];
  for (let count = 0; count < ofEach; count += 1) {
    const begin = async (bytes: Buffer, first: number) => {
      const connection = await openConnection(world.port);
      await connection.write(bytes.subarray(0, first));
      clients.push({ connection, bytes, sent: first });
    };
    await begin(request, 20);
    await begin(withBody, withBody.length - body.length);
    await begin(slowHandshake, 20);
    await begin(Buffer.alloc(0), 0);
    const connection = await openConnection(world.port);
    await connection.write(writeRequest(events));
    const answer = await readAnswer(connection, 'GET');
    if (answer?.status !== 101) throw new Error(`a good handshake got ${answer?.status}`);
    clients.push({ connection, bytes: writeFrame({ opcode: TEXT, payload: body }), sent: 0 });
  }
  const timer = setInterval(() => {
    for (const client of clients) {
      if (client.connection.ended || client.sent >= client.bytes.length) continue;
      client.connection.socket.write(client.bytes.subarray(client.sent, client.sent + 1));
      client.sent += 1;
    }
  }, PACE);
  return {
    stop() {
      clearInterval(timer);
      for (const { connection } of clients) connection.destroy();
    },
  };
}
