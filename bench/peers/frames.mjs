import { readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

/** Above this many bytes that wait for a client, a server waits too, or its memory would grow without end. */
const HIGH_WATER = 1_048_576;
const EVENTS_A_TURN = 32;

/**
 * @param {string} file With a frame a line.
 */
export function readFrames(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

/**
 * Sends frames that are ready: one every few milliseconds, or as fast as clients read.
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
