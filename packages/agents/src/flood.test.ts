import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

import { expect, test } from 'vitest';
import { ALL } from '../../../scripts/test-forms.js';
import { fixture, message, open, recorder } from '../test/open-fixture.js';
import type { AgentEvent } from './agent-event.js';

const MIB = 1024 * 1024;

test('an agent that may be ahead by one update loses none: it is held back', async () => {
  let next = 0;
  let total: string | undefined;
  const { handler } = recorder({
    async events(batch) {
      for (const event of batch) {
        if (event.type !== 'item_delta' || event.delta.type !== 'text') continue;
        if (event.delta.text.startsWith('total')) total = event.delta.text;
        else expect(Number(event.delta.text)).toBe(next++);
      }
      await nextTurnOfTheLoop();
    },
  });
  const limits = { lineBytes: 10_000, queueItems: 1, queueBytes: 1 };
  await using agent = await open(fixture('flood', '100'), { handler, limits });
  expect((await agent.prompt(message('go'))).status).toBe('completed');
  expect(next).toBeGreaterThan(0);
  expect(total).toBe(`total ${next}`);
});

/** Milliseconds. */
const FLOOD = ALL ? 10_000 : 2_000;

test('an agent that floods is slowed down: the order is kept and memory stays bounded', async () => {
  let next = 0;
  let outOfOrder = 0;
  let total: string | undefined;
  let peak = 0;
  const before = process.memoryUsage().rss;
  const check = (event: AgentEvent) => {
    if (event.type !== 'item_delta' || event.delta.type !== 'text') return;
    const { text } = event.delta;
    if (text.startsWith('total')) total = text;
    else if (Number(text) !== next++) outOfOrder += 1;
  };
  const { handler } = recorder({
    async events(batch) {
      batch.forEach(check);
      peak = Math.max(peak, process.memoryUsage().rss);
      await nextTurnOfTheLoop(); // a log that takes its time
    },
  });
  await using agent = await open(fixture('flood', String(FLOOD)), { handler });
  expect((await agent.prompt(message('go'))).status).toBe('completed');
  expect(outOfOrder).toBe(0);
  expect(total).toBe(`total ${next}`);
  expect(next).toBeGreaterThan(FLOOD);
  expect((peak - before) / MIB).toBeLessThan(256);
});
