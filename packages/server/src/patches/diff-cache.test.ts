import { expect, it } from 'vitest';
import { createDiffCache } from './diff-cache.js';
import type { FileDiff } from './unified-diff.js';

const diff = (size: number): FileDiff => ({
  ...{ file: { path: 'a', change: 'added', additions: 1, deletions: 0 }, diff: 'x'.repeat(size), bytes: size },
});

it('what was used longest ago goes first, and what is too large for all of it is not kept', () => {
  const cache = createDiffCache(50_000);
  cache.set('one', diff(10_000));
  cache.set('two', diff(10_000));
  expect(cache.get('one')?.bytes).toBe(10_000);
  cache.set('three', diff(30_000));
  expect(['one', 'two', 'three'].map((key) => cache.get(key)?.bytes)).toEqual([10_000, undefined, 30_000]);
  cache.set('four', diff(60_000));
  expect(cache.get('four')).toBeUndefined();
});
