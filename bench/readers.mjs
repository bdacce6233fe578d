import { writeFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { answerCalls } from './process.mjs';

// Plain WebSocket clients that count what comes, in a process of their own. A peer's first frame is its greeting; an
// event of type turn_completed is the last one.

const END = Buffer.from('"type":"turn_completed"');
/** The first letter of a frame's type: `{"type":"heartbeat"…`; a heartbeat depends on the clock and counts for nothing. */
const HEARTBEAT = 'h'.charCodeAt(0);
const TYPE = '{"type":"'.length;

/** @typedef {{frames: number, bytes: number, first: number, last: number}} Count */

/** @type {WebSocket[]} */
let sockets = [];
/** @type {Promise<Count>[]} */
let ends = [];

answerCalls({
  /** @param {{url: string, headers: Record<string, string>, readers: number, recordTo?: string}} input */
  async connect({ url, headers, readers, recordTo }) {
    const opened = Array.from({ length: readers }, (_, index) =>
      open(url, headers, index === 0 ? recordTo : undefined),
    );
    ends = opened.map(({ end }) => end);
    await Promise.all(opened.map(({ ready }) => ready));
  },

  /** Waits until every reader has the last event; what they counted, and the seconds from the first event to that. */
  async finish() {
    const counts = await Promise.all(ends);
    for (const socket of sockets) socket.terminate();
    sockets = [];
    const first = Math.min(...counts.map((count) => count.first));
    const last = Math.max(...counts.map((count) => count.last));
    const frames = counts.map((count) => count.frames);
    const bytes = counts.map((count) => count.bytes);
    if (new Set(frames).size > 1 || new Set(bytes).size > 1) {
      throw new Error(`expected every reader to get the same, got ${frames} frames, ${bytes} bytes`);
    }
    return { seconds: (last - first) / 1_000, frames: frames[0], bytes: bytes[0] };
  },
});

/**
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {string | undefined} recordTo A file for the frames, one a line.
 * @returns {{ready: Promise<void>, end: Promise<Count>}}
 */
function open(url, headers, recordTo) {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, skipUTF8Validation: true });
  sockets.push(socket);
  const recorded = recordTo === undefined ? undefined : /** @type {Buffer[]} */ ([]);
  const count = { frames: 0, bytes: 0, first: 0, last: 0 };
  /** @type {() => void} */
  let greeted = () => undefined;
  const ready = new Promise((resolve, reject) => {
    greeted = () => resolve(undefined);
    socket.on('error', reject);
  });
  const end = new Promise((resolve, reject) => {
    socket.on('close', (code) => reject(new Error(`a reader was closed (${code}) after ${count.frames} frames`)));
    socket.once('message', () => {
      greeted();
      socket.on('message', (/** @type {Buffer} */ data) => {
        if (data[TYPE] === HEARTBEAT) return;
        if (count.frames === 0) count.first = performance.now();
        count.frames += 1;
        count.bytes += data.length;
        recorded?.push(data);
        if (!data.includes(END)) return;
        count.last = performance.now();
        if (recorded && recordTo) writeFileSync(recordTo, `${recorded.join('\n')}\n`);
        resolve(count);
      });
    });
  });
  end.catch(() => undefined); // whoever waits for it is told
  return { ready, end };
}
