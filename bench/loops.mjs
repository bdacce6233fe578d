import { createRequire } from 'node:module';
import { createClient } from '@parleyhq/client';
import { WebSocket } from 'ws';
import { quantilesOf } from './figures.mjs';
import { answerCalls } from './process.mjs';

// Users' loops over events, one for each session, in a separate process. Each event has the time when the agent wrote
// it. Each server is read with what its users would use: Parley's SDK, `ws` and `JSON.parse`, or Socket.IO's client.

const { io } = createRequire(import.meta.url)('socket.io-client');

/** The share of each loop's first events that does not count, as warm-up. */
const WARM_UP = 0.1;

/** @type {Promise<number[]>[]} */
let loops = [];
/** @type {(() => unknown)[]} */
let closers = [];

answerCalls({
  /** @param {{url: string, token: string, sessions: string[], pieces: number}} input */
  async openParley({ url, token, sessions, pieces }) {
    const client = createClient({ baseUrl: url, token });
    await Promise.all(
      sessions.map(async (id) => {
        const session = await client.sessions.get(id);
        const { watch, written } = createWatch(pieces);
        const isOpen = new Promise((resolve) => {
          const events = session.events({ onConnection: ({ status }) => status === 'open' && resolve(undefined) });
          void (async () => {
            for await (const event of events) {
              if (event.type === 'item_delta' && event.delta.type === 'text') written(event.delta.text);
            }
          })();
          closers.push(() => events.return());
        });
        loops.push(watch);
        await isOpen;
      }),
    );
  },

  /** @param {{url: string, sessions: number, pieces: number}} input */
  openBare: ({ url, sessions, pieces }) =>
    openEach(sessions, pieces, (session, written) => {
      const socket = new WebSocket(`${url}/?session=${session}`, { perMessageDeflate: false });
      closers.push(() => socket.terminate());
      socket.on('message', (data) => {
        const { params } = JSON.parse(data.toString());
        if (params) written(params.update.content.text);
      });
      return new Promise((resolve, reject) => socket.on('error', reject).once('message', resolve));
    }),

  /** @param {{origin: string, sessions: number, pieces: number}} input */
  openSocketIo: ({ origin, sessions, pieces }) =>
    openEach(sessions, pieces, (session, written) => {
      const socket = io(origin, { transports: ['websocket'], forceNew: true, query: { session } });
      closers.push(() => socket.close());
      socket.on('event', (/** @type {any} */ event) => written(event.params.update.content.text));
      return new Promise((resolve) => socket.on('connect', resolve));
    }),

  /** Waits until every loop has had every event. */
  async finish() {
    const latencies = (await Promise.all(loops)).flat();
    for (const close of closers) await close();
    loops = [];
    closers = [];
    return quantilesOf(latencies);
  },
});

/**
 * @param {number} sessions
 * @param {number} pieces
 * @param {(session: number, written: (stamp: string) => void) => Promise<unknown>} open
 */
async function openEach(sessions, pieces, open) {
  const ready = Array.from({ length: sessions }, (_, session) => {
    const { watch, written } = createWatch(pieces);
    loops.push(watch);
    return open(session, written);
  });
  await Promise.all(ready);
}

/** @param {number} pieces How many a loop has to get. */
function createWatch(pieces) {
  /** @type {number[]} */
  const latencies = [];
  /** @type {(stamp: string) => void} */
  let written = () => undefined;
  const watch = /** @type {Promise<number[]>} */ (
    new Promise((resolve) => {
      written = (stamp) => {
        latencies.push(Number(process.hrtime.bigint() - BigInt(stamp)) / 1e6);
        if (latencies.length === pieces) resolve(latencies.slice(pieces * WARM_UP));
      };
    })
  );
  return { watch, written };
}
