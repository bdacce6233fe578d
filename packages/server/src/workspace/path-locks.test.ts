import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createPathLocks } from './path-locks.js';

/** Works on folders that take until they are told to end, and what happened in their order. */
function openLocks() {
  const { locked } = createPathLocks();
  const said: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (folder: string) =>
    locked(folder, async () => {
      said.push(`${folder} begins`);
      await new Promise<void>((resolve) => ends.set(folder, resolve));
      said.push(`${folder} ends`);
    });
  return { said, work, locked, end: (folder: string) => ends.get(folder)?.() };
}

it('one works on a folder at a time, and on what is in it or around it', async () => {
  const { said, work, end } = openLocks();
  const all = [work('/p/sub'), work('/p'), work('/p/other')];
  await setImmediate();
  expect(said).toEqual(['/p/sub begins']);
  end('/p/sub');
  await all[0];
  await setImmediate();
  expect(said.slice(1)).toEqual(['/p/sub ends', '/p begins']);
  end('/p');
  await all[1];
  await setImmediate();
  expect(said.at(-1)).toBe('/p/other begins');
  end('/p/other');
  await Promise.all(all);
});

it('others do not wait, and work that fails lets the next begin', async () => {
  const { said, work, locked, end } = openLocks();
  const failed = locked('/p', async () => {
    throw new Error('no');
  });
  const all = [work('/p'), work('/people')];
  await expect(failed).rejects.toThrow('no');
  await setImmediate();
  expect(said.sort()).toEqual(['/p begins', '/people begins']);
  for (const folder of ['/p', '/people']) end(folder);
  await Promise.all(all);
});
