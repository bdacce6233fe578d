import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { quantilesOf } from './figures.mjs';

const PAGE = Buffer.alloc(4_096, 1);

/**
 * How long the disk of a folder takes to append a page to a file durably, one page every few milliseconds.
 *
 * @param {string} folder
 * @param {number} count
 * @returns {Promise<ReturnType<typeof quantilesOf>>} Milliseconds.
 */
export async function measureFsync(folder, count) {
  const path = join(folder, 'fsync');
  const file = openSync(path, 'a');
  const times = [];
  for (let left = count; left > 0; left -= 1) {
    writeSync(file, PAGE);
    const before = performance.now();
    fsyncSync(file);
    times.push(performance.now() - before);
    await delay(2);
  }
  closeSync(file);
  rmSync(path);
  return quantilesOf(times);
}
