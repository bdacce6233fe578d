import { expect, test } from 'vitest';

import { createQueue } from './queue.js';

test('takes all pushed items at once, in order', async () => {
  const queue = createQueue<number>({ items: 10, bytes: 10 });
  queue.push(1);
  queue.push(2);
  expect(await queue.take()).toEqual([1, 2]);
});

test('a full queue makes its producer wait until the consumer took something', async () => {
  const queue = createQueue<string>({ items: 10, bytes: 4 });
  queue.push('abcd', 4);
  expect(queue.full).toBe(true);
  const order: string[] = [];
  const waited = queue.room().then(() => order.push('room'));
  order.push('taking');
  await queue.take();
  await waited;
  expect(order).toEqual(['taking', 'room']);
  expect(queue.full).toBe(false);
});

test('a closed queue gives what waits, and then the end', async () => {
  const queue = createQueue<number>({ items: 1, bytes: 1 });
  queue.push(1);
  queue.close();
  await queue.room();
  expect(await queue.take()).toEqual([1]);
  expect(await queue.take()).toBeUndefined();
});

test('a consumer that waits is woken by the next item and by the end', async () => {
  const queue = createQueue<number>({ items: 1, bytes: 1 });
  const taken = queue.take();
  queue.push(7);
  expect(await taken).toEqual([7]);
  const end = queue.take();
  queue.close();
  expect(await end).toBeUndefined();
});
