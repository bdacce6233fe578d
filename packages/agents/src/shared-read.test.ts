import { expect, it } from 'vitest';
import { createSharedRead } from './shared-read.js';

it('those who ask at the same time share a read that begins after they have asked', async () => {
  let content = 'old';
  const begun: ((value: string) => void)[] = [];
  const read = createSharedRead(() => {
    const seen = content;
    return new Promise<string>((resolve) => begun.push(() => resolve(seen)));
  });
  const first = read();
  await expect.poll(() => begun).toHaveLength(1);
  content = 'new';
  const later = Array.from({ length: 10 }, () => read());
  begun[0]?.('');
  expect(await first).toBe('old');
  await expect.poll(() => begun).toHaveLength(2);
  begun[1]?.('');
  expect(await Promise.all(later)).toEqual(Array(10).fill('new'));
  expect(begun).toHaveLength(2);
});

it('a read that fails does so for those who share it alone', async () => {
  const outcomes = [Promise.reject(new Error('no')), Promise.resolve('yes')];
  const read = createSharedRead(async () => outcomes.shift());
  const [one, other] = [read(), read()];
  await expect(one).rejects.toThrow('no');
  await expect(other).rejects.toThrow('no');
  expect(await read()).toBe('yes');
});
