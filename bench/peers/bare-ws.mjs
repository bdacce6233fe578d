import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { answerCalls } from '../process.mjs';
import { readFrames, sendFrames } from './frames.mjs';
import { createRelay } from './relay.mjs';

// The least that a server in Node with `ws` can do: it sends prepared bytes to each client, or lines of an agent to the
// clients of its session. `?since=N` asks for the frames after the first N, `?session=N` for the lines of agent N.

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
/** @type {Buffer[]} */
let frames = [];
/** @type {Map<number, Set<import('ws').WebSocket>>} */
const sessions = new Map();

server.on('connection', (socket, request) => {
  socket.send('{"type":"greeting"}');
  const { searchParams } = new URL(request.url ?? '', 'ws://localhost');
  const [since, session] = [searchParams.get('since'), searchParams.get('session')];
  if (since !== null) {
    const send = (/** @type {Buffer} */ frame) => socket.send(frame, { binary: false });
    void sendFrames(frames.slice(Number(since)), send, { waiting: () => socket.bufferedAmount });
  }
  if (session !== null) {
    const clients = sessions.get(Number(session)) ?? new Set();
    sessions.set(Number(session), clients.add(socket));
    socket.on('close', () => clients.delete(socket));
  }
});
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

const relay = createRelay((session, line) => {
  for (const client of sessions.get(session) ?? []) client.send(line);
});

answerCalls({
  address: () => ({ url: `ws://127.0.0.1:${port}` }),

  /** @param {{file: string}} input A file with one frame per line. */
  load({ file }) {
    frames = readFrames(file).map((frame) => Buffer.from(frame));
  },

  /** @param {{pauseMs: number}} input Between two events; 0 for as fast as the clients read. */
  broadcast: ({ pauseMs }) =>
    sendFrames(
      frames,
      (frame) => {
        for (const client of server.clients) client.send(frame, { binary: false });
      },
      { pauseMs, waiting: () => Math.max(0, ...[...server.clients].map((client) => client.bufferedAmount)) },
    ),

  ...relay,
});
