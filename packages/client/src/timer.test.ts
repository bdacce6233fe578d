import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTimer } from './timer.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([1, 1_000, 2 ** 31 - 1, 2 ** 31, 2 ** 33])('a timer of %d ms calls back once, then', (milliseconds) => {
  let calls = 0;
  startTimer(milliseconds, () => calls++);
  vi.advanceTimersByTime(milliseconds - 1);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(1);
  expect(calls).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a timer without an end never calls back, and can be stopped like each other', () => {
  let calls = 0;
  const stops = [Number.POSITIVE_INFINITY, 2 ** 32, 1_000].map((milliseconds) =>
    startTimer(milliseconds, () => calls++),
  );
  vi.advanceTimersByTime(999);
  stops[2]?.();
  vi.advanceTimersByTime(2 ** 31);
  stops[1]?.();
  vi.advanceTimersByTime(2 ** 34);
  expect(calls).toBe(0);
  stops[0]?.();
  expect(vi.getTimerCount()).toBe(0);
});
