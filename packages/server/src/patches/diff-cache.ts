import type { FileDiff } from './unified-diff.js';

/** Diffs by a key that follows from what was compared. */
export interface DiffCache {
  get(key: string): FileDiff | undefined;
  set(key: string, diff: FileDiff): void;
}

/** What a diff costs beside its text, about. */
const OVERHEAD = 4_096;

/** Creates a cache that keeps the diffs that were used last, as many as have at most `size` characters. */
export function createDiffCache(size: number): DiffCache {
  const diffs = new Map<string, FileDiff>();
  const costOf = ({ diff }: FileDiff) => diff.length + OVERHEAD;
  let room = size;
  return {
    get(key) {
      const diff = diffs.get(key);
      if (diff === undefined) return undefined;
      diffs.delete(key);
      diffs.set(key, diff);
      return diff;
    },
    set(key, diff) {
      diffs.set(key, diff);
      room -= costOf(diff);
      for (const [oldest, its] of diffs) {
        if (room >= 0) return;
        // Without this: keeps every diff that it has ever made
        diffs.delete(oldest);
        room += costOf(its);
      }
    },
  };
}
