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
  expect(await both).toEqual([true, true]);
});

it('waits for nothing once the turn is over', async () => {
  const watch = createToolCallWatch();
  watch.begin();
  const waiting = watch.ended(['a', 'b']);
  watch.endAll();
  expect(await waiting).toBe(false);
  expect(await watch.ended(['c'])).toBe(false);
});

it('knows whether one of them failed', async () => {
  const watch = createToolCallWatch();
  watch.begin();
  const both = watch.ended(['a', 'b']);
  watch.see([completed, { ...completed, item_id: 'b', changes: { status: 'failed' } }]);
  expect(await both).toBe(false);
});
