import type { Event } from '@parleyhq/contract';
import { expect, it } from 'vitest';
import { createToolCallWatch } from './tool-call-watch.js';

const completed: Event = {
  type: 'item_updated',
  turn_id: '00000000-0000-4000-8000-000000000001',
  item_id: 'a',
  changes: { status: 'completed' },
};

it('tells everyone who waits for a tool call, also when it was consented to twice', async () => {
  const watch = createToolCallWatch();
  watch.begin();
  const both = Promise.all([watch.ended(['a']), watch.ended(['a'])]);
  watch.see([completed]);
  await both;
});

it('waits for nothing once the turn is over', async () => {
  const watch = createToolCallWatch();
  watch.begin();
  const waiting = watch.ended(['a', 'b']);
  watch.endAll();
  await waiting;
  await watch.ended(['c']);
  expect.assertions(0);
});
