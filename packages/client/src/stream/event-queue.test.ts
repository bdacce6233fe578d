import { expect, test } from 'vitest';
import { createEventQueue } from './event-queue.js';
import type { SessionEvent } from './session-event.js';

const event = (id: number): SessionEvent => ({
  type: 'unknown',
  id,
  timestamp: 1,
  reason: 'unknown_type',
  raw: {},
  problems: [],
});

test('a queue is full with so many events, and no longer once one is taken', () => {
  const queue = createEventQueue(2);
  queue.push(event(1), 10);
  expect(queue.full).toBe(false);
  queue.push(event(2), 10);
  expect(queue.full).toBe(true);
  expect(queue.shift()?.id).toBe(1);
  expect(queue.full).toBe(false);
});

test('a queue is full with fewer events that are large, until they are taken or cleared away', () => {
  const queue = createEventQueue(1_000);
  for (let id = 1; id <= 16; id += 1) queue.push(event(id), 256 * 1024);
  expect(queue.full).toBe(true);
  queue.shift();
  expect(queue.full).toBe(false);
  queue.push(event(17), 256 * 1024);
  queue.clear();
  queue.push(event(18), 10);
  expect(queue.full).toBe(false);
});
