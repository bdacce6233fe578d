import { expect, it } from 'vitest';
import { createFairQueue } from './fair-queue.js';

/** Tasks that wait to be ended, and the order in which they began. */
function openTasks(atOnce: { inAll: number; each: number }) {
  const queue = createFairQueue(atOnce);
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  return {
    begun,
    start: (client: string, name: string) =>
      queue.run(client, () => {
        begun.push(name);
        return new Promise<string>((resolve, reject) => {
          ends.set(name, (error) => (error ? reject(error) : resolve(name)));
        });
      }),
    async end(name?: string, error?: Error) {
      ends.get(name ?? '')?.(error);
      await new Promise(setImmediate);
    },
  };
}

it('clients take turns, whatever each of them has asked for before', async () => {
  const { begun, start, end } = openTasks({ inAll: 1, each: 1 });
  const asked = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((name) => start(name.charAt(0), name));
  await end();
  for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2']) {
    expect(begun.at(-1)).toBe(name);
    await end(name);
  }
  expect(await Promise.all(asked)).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'b2']);
});

it('slow tasks of one client leave room for those of others', async () => {
  const { begun, start, end } = openTasks({ inAll: 3, each: 2 });
  const asked = ['a1', 'a2', 'a3', 'b1', 'c1'].map((name) => start(name.charAt(0), name));
  await end();
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  await end('b1');
  expect(begun).toEqual(['a1', 'a2', 'b1', 'c1']);
  await end('a1');
  expect(begun.at(-1)).toBe('a3');
  for (const name of ['a2', 'a3', 'c1']) await end(name);
  await Promise.all(asked);
});

it('a task that fails makes room, and its caller gets the error', async () => {
  const { begun, start, end } = openTasks({ inAll: 1, each: 1 });
  const first = start('a', 'a1');
  const second = start('a', 'a2');
  await end();
  await Promise.all([end('a1', new Error('it failed')), expect(first).rejects.toThrow('it failed')]);
  expect(begun).toEqual(['a1', 'a2']);
  await end('a2');
  expect(await second).toBe('a2');
});
