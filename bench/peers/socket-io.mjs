import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { answerCalls } from '../process.mjs';
import { readFrames, sendFrames } from './frames.mjs';
import { createRelay } from './relay.mjs';

// Socket.IO as its documentation recommends for lossless streams: connection state recovery with the in-memory adapter.
// Events are prepared objects. `?session=N` asks for the lines of agent N.

// Loaded with `require`, so that type checks work without the packages of this folder.
const { Server } = createRequire(import.meta.url)('socket.io');

const http = createServer();
const io = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  connectionStateRecovery: { maxDisconnectionDuration: 300_000, skipMiddlewares: true },
});
io.on('connection', (/** @type {any} */ socket) => {
  const { session } = socket.handshake.query;
  if (session !== undefined) socket.join(session);
});
http.listen(0, '127.0.0.1');
await once(http, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
/** @type {object[]} */
let events = [];

const relay = createRelay((session, line) => io.to(String(session)).emit('event', JSON.parse(line)));

answerCalls({
  address: () => ({
    url: `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
    origin: `http://127.0.0.1:${port}`,
  }),

  /** @param {{file: string}} input A file with one frame per line. */
  load({ file }) {
    events = readFrames(file).map((frame) => JSON.parse(frame));
  },

  /** @param {{pauseMs: number, since?: number}} input The first event is the one after `since`. */
  broadcast: ({ pauseMs, since = 0 }) =>
    sendFrames(events.slice(since), (event) => io.emit('event', event), { pauseMs, waiting }),

  /** Waits until no client is connected. */
  async untilAlone() {
    while (io.engine.clientsCount > 0) await nextTurnOfTheLoop();
  },

  ...relay,
});

function waiting() {
  let most = 0;
  for (const client of Object.values(io.engine.clients)) {
    const { writeBuffer, transport } = /** @type {any} */ (client);
    // Packets that are not yet passed to ws are counted with the usual length of these events.
    most = Math.max(most, transport.socket.bufferedAmount + writeBuffer.length * 300);
  }
  return most;
}
