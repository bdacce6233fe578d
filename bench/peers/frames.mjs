import { readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

/** If more bytes than this wait for a client, the server waits too: otherwise its memory would grow without bound. */
const HIGH_WATER = 1_048_576;
const EVENTS_A_TURN = 32;

/**
 * @param {string} file A file with one frame per line.
 */
export function readFrames(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

/**
 * Sends prepared frames, one every few milliseconds or as fast as clients read.
 *
 * @template T
 * @param {readonly T[]} frames
 * @param {(frame: T) => void} send
 * @param {{pauseMs?: number, waiting: () => number}} options `waiting`: the most bytes that wait for one client.
 */
export async function sendFrames(frames, send, { pauseMs = 0, waiting }) {
  for (const [index, frame] of frames.entries()) {
    send(frame);
    if (pauseMs > 0) await delay(pauseMs);
    else if (index % EVENTS_A_TURN === 0) {
      do await nextTurnOfTheLoop();
      while (waiting() > HIGH_WATER);
    }
  }
}
