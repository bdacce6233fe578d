import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { answerCalls } from '../process.mjs';

// The least that a server in Node with `ws` can do: bytes that are ready are sent to each client. It waits for clients
// that do not keep up, or its memory would grow without end.

const HIGH_WATER = 1_048_576;
const EVENTS_A_TURN = 32;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => socket.send('{"type":"greeting"}'));
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
/** @type {Buffer[]} */
let frames = [];

answerCalls({
  address: () => ({ url: `ws://127.0.0.1:${port}` }),

  /** @param {{file: string}} input A file with a frame a line. */
  load({ file }) {
    frames = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((frame) => Buffer.from(frame));
  },

  /** @param {{pauseMs: number}} input Between two events; 0 for as fast as the clients read. */
  async broadcast({ pauseMs }) {
    for (const [index, frame] of frames.entries()) {
      for (const client of server.clients) client.send(frame, { binary: false });
      if (pauseMs > 0) await delay(pauseMs);
      else if (index % EVENTS_A_TURN === 0) await drained();
    }
  },
});

async function drained() {
  do await nextTurnOfTheLoop();
  while ([...server.clients].some((client) => client.bufferedAmount > HIGH_WATER));
}
