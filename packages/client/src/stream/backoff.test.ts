import { expect, test } from 'vitest';
import { backoffDelay, wait } from './backoff.js';

test.each([
  [0, 250],
  [1, 500],
  [5, 8_000],
  [6, 15_000],
  [2_000, 15_000],
])('attempt %d waits any time up to %d ms, so that clients do not come back together', (attempt, longest) => {
  const delays = Array.from({ length: 1_000 }, () => backoffDelay(attempt));
  expect(Math.max(...delays)).toBeLessThan(longest);
  expect(Math.max(...delays)).toBeGreaterThan(0.9 * longest);
  expect(Math.min(...delays)).toBeLessThan(0.1 * longest);
});

test('a wait ends with the reason of its signal, also one that was aborted before', async () => {
  const stop = new AbortController();
  const waiting = wait(3_600_000, stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(wait(0, stop.signal)).rejects.toThrow('enough');
});
