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

test('an agent that asks and takes no answer is not read on', async () => {
  const MANY = 2_000;
  let written = 0;
  function* requests() {
    for (; written < MANY; written += 1) {
      yield Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id: written, method: 'unknown' })}\n`);
    }
  }
  const answers = new PassThrough({ highWaterMark: 1 });
  const connection = connectAcp(Readable.from(requests(), { highWaterMark: 1 }), answers);
  const until = async (done: () => boolean) => {
    for (let turn = 0; turn < 10 * MANY && !done(); turn += 1) await nextTurnOfTheLoop();
  };
  await until(() => written === MANY);
  expect(written).toBeGreaterThan(100);
  expect(written).toBeLessThan(1_000);
  answers.resume();
  await until(() => written === MANY);
  expect(written).toBe(MANY);
  connection.close();
});

test.each(['elicitation/create', 'session/request_permission'])(
  'nor is one whose %s fill the queue',
  async (method) => {
    let written = 0;
    function* requests() {
      for (; written < 400; written += 1) {
        const toolCall = { toolCallId: `${written}` };
        const form = { mode: 'form', message: 'x'.repeat(1_000), requestedSchema: { type: 'object', properties: {} } };
        const params = { sessionId: 's', toolCall, options: [], ...form };
        yield Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id: written, method, params })}\n`);
      }
    }
    const limits = { queueItems: 1_000, queueBytes: 10_000, lineBytes: 1024 * 1024 };
    const connection = connectAcp(Readable.from(requests(), { highWaterMark: 1 }), new PassThrough(), limits);
    for (let turn = 0; turn < LINES && written < 400; turn += 1) await nextTurnOfTheLoop();
    expect(connection.entries.full).toBe(true);
    expect(written).toBeLessThan(100);
    connection.close();
  },
);
