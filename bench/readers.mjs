import { writeFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { createPlainReader, createSocketIoReader } from './frame-readers.mjs';
import { answerCalls } from './process.mjs';

// Plain WebSocket clients that count what they receive, in a separate process. An event of type turn_completed is the
// last one.

const END = Buffer.from('"type":"turn_completed"');
/** How many connect at the same time: not more than the backlog of a listening server. */
const AT_ONCE = 250;

/**
 * @typedef {object} Address How readers connect to a server.
 * @property {string} url
 * @property {Record<string, string>} [headers]
 * @property {boolean} [socketIo] Whether it speaks Socket.IO's protocol.
 * @property {object} [recover] The data with which Socket.IO recovers a connection.
 */

/**
 * @typedef {object} Count
 * @property {number} frames
 * @property {number} bytes
 * @property {number} opened When the client began to connect. This and the next two are in milliseconds.
 * @property {number} first
 * @property {number} last
 */

/**
 * @typedef {object} Reader
 * @property {WebSocket} socket
 * @property {ReturnType<typeof createSocketIoReader> | ReturnType<typeof createPlainReader>} frames
 * @property {Promise<unknown>} ready Settles with the greeting.
 * @property {Promise<Count>} end
 */

/** @type {Reader[]} */
let readers = [];

answerCalls({
  /**
   * @param {Address & {readers: number, recordTo?: string, stall?: boolean}} input Adds readers to those of earlier
   * calls. With `stall` they read nothing after the greeting.
   */
  async connect({ readers: count, recordTo, stall = false, ...address }) {
    for (let left = count; left > 0; left -= AT_ONCE) {
      const opened = Array.from({ length: Math.min(left, AT_ONCE) }, () => {
        const isFirst = readers.length === 0;
        const reader = open(address, isFirst ? recordTo : undefined, stall);
        readers.push(reader);
        return reader;
      });
      await Promise.all(opened.map(({ ready }) => ready));
    }
  },

  /** Waits until every reader has the last event. Returns their counts, and the seconds that it took. */
  async finish() {
    const counts = await Promise.all(readers.map(({ end }) => end));
    leave();
    const at = (/** @type {'opened' | 'first' | 'last'} */ key) => counts.map((count) => count[key]);
    const [opened, first, last] = [Math.min(...at('opened')), Math.min(...at('first')), Math.max(...at('last'))];
    const frames = counts.map((count) => count.frames);
    const bytes = counts.map((count) => count.bytes);
    if (new Set(frames).size > 1 || new Set(bytes).size > 1) {
      throw new Error(`expected every reader to get the same, got ${frames} frames, ${bytes} bytes`);
    }
    const [seconds, secondsFromConnecting] = [(last - first) / 1_000, (last - opened) / 1_000];
    return { seconds, secondsFromConnecting, frames: frames[0], bytes: bytes[0] };
  },

  leave,

  /** Disconnects from Socket.IO after one event. Returns the data to recover with. */
  async leaveAfterOne() {
    const [reader] = readers;
    if (!reader || !('whereToRecover' in reader.frames)) throw new Error('expected a reader of Socket.IO');
    const { socket, frames } = reader;
    while (frames.whereToRecover().offset === '') await new Promise((resolve) => socket.once('message', resolve));
    leave();
    return frames.whereToRecover();
  },
});

/** Cuts every connection. */
function leave() {
  for (const { socket } of readers) socket.removeAllListeners('close').terminate();
  readers = [];
}

/**
 * @param {Address} address
 * @param {string | undefined} recordTo A file for the frames, one per line.
 * @param {boolean} stall
 * @returns {Reader}
 */
function open({ url, headers, socketIo, recover }, recordTo, stall) {
  const opened = performance.now();
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, skipUTF8Validation: true });
  const frames = socketIo ? createSocketIoReader(recover) : createPlainReader();
  const recorded = recordTo === undefined ? undefined : /** @type {Buffer[]} */ ([]);
  const count = { frames: 0, bytes: 0, opened, first: 0, last: 0 };
  /** @type {() => void} */
  let greeted = () => undefined;
  const ready = new Promise((resolve, reject) => {
    greeted = () => resolve(undefined);
    socket.on('error', reject);
  });
  const end = /** @type {Promise<Count>} */ (
    new Promise((resolve, reject) => {
      socket.on('close', (code) => reject(new Error(`a reader was closed (${code}) after ${count.frames} frames`)));
      const say = (/** @type {string} */ text) => socket.send(text);
      socket.on('message', (/** @type {Buffer} */ data) => {
        const event = frames.read(data, say);
        if (event === 'greeting') {
          if (stall) socket.pause();
          greeted();
        }
        if (event === undefined || event === 'greeting') return;
        if (count.frames === 0) count.first = performance.now();
        count.frames += 1;
        count.bytes += event.length;
        recorded?.push(event);
        if (!event.includes(END)) return;
        count.last = performance.now();
        if (recorded && recordTo) writeFileSync(recordTo, `${recorded.join('\n')}\n`);
        resolve(count);
      });
    })
  );
  end.catch(() => undefined); // a rejection is handled where it is awaited
  return { socket, frames, ready, end };
}
