import { PassThrough, Readable } from 'node:stream';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { connectAcp } from './connection.js';

const LINES = 10_000;

test('nothing is read from an agent while the queue is full, and all of it once the queue is emptied', async () => {
  let written = 0;
  function* lines() {
    for (; written < LINES; written += 1) {
      const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: `${written}` } };
      const params = { sessionId: 's', update };
      yield Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', method: 'session/update', params })}\n`);
    }
  }
  const limits = { queueItems: 10, queueBytes: 1024 * 1024, lineBytes: 1024 * 1024 };
  const connection = connectAcp(Readable.from(lines(), { highWaterMark: 1 }), new PassThrough(), limits);
  // As many turns of the loop as would do to read everything.
  for (let turn = 0; turn < LINES && written < LINES; turn += 1) await nextTurnOfTheLoop();
  expect(connection.entries.full).toBe(true);
  expect(written).toBeLessThan(100);
  let taken = 0;
  for (let entries = await connection.entries.take(); entries; entries = await connection.entries.take()) {
    expect(entries.length).toBeLessThan(100);
    taken += entries.length;
  }
  expect(taken).toBe(LINES);
  connection.close();
});
