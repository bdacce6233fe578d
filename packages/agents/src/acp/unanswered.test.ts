import { expect, test } from 'vitest';
import { createUnanswered } from './unanswered.js';

test('is full of so many requests, or of so long ones, and has room again when one was answered', async () => {
  const unanswered = createUnanswered({ requests: 3, size: 100 });
  unanswered.add('a', 10);
  unanswered.add('a', 10);
  expect(unanswered.full).toBe(false);
  unanswered.add(1, 10);
  expect(unanswered.full).toBe(true);
  const room = unanswered.room();
  unanswered.remove('unknown');
  expect(unanswered.full).toBe(true);
  unanswered.remove('a');
  await room;
  unanswered.add('long', 90);
  expect(unanswered.full).toBe(true);
  unanswered.remove(1);
  unanswered.remove('long');
  unanswered.remove('long');
  expect(unanswered.full).toBe(false);
});
