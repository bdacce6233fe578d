import { expect, it } from 'vitest';
import { createPatchWatch } from './patch-watch.js';

/** A watch whose looks last until they are let go; `looked` resolves when that many have begun. */
function openWatch() {
  const waiting: { count: number; resolve: () => void }[] = [];
  const underWay: (() => void)[] = [];
  let looks = 0;
  const watch = createPatchWatch(() => {
    looks += 1;
    for (const { count, resolve } of waiting) if (looks >= count) resolve();
    return new Promise((resolve) => underWay.push(resolve));
  }, 1);
  return {
    ...watch,
    looks: () => looks,
    letGo: () => underWay.shift()?.(),
    looked: (count: number) =>
      new Promise<void>((resolve) => {
        if (looks >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

it('looks again if something changes during a look', async () => {
  const { schedule, looked, letGo, looks } = openWatch();
  schedule();
  await looked(1);
  schedule();
  schedule();
  expect(looks()).toBe(1);
  letGo();
  await looked(2);
  letGo();
});

it('calls off also what stirred during a look', async () => {
  const { schedule, stop, looked, letGo, looks } = openWatch();
  schedule();
  await looked(1);
  schedule();
  stop();
  letGo();
  const other = openWatch();
  other.schedule();
  await other.looked(1);
  other.letGo();
  expect(looks()).toBe(1);
  schedule();
  await looked(2);
  letGo();
});
