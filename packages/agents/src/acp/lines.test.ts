import { expect, test } from 'vitest';

import { LineTooLongError, splitLines } from './lines.js';

async function split(chunks: (string | Uint8Array)[], limit = 1_000): Promise<string[][]> {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk as string);
  }
  const batches: string[][] = [];
  for await (const batch of splitLines(source(), limit)) batches.push(batch);
  return batches;
}

test('lines come together with the chunk that ends them', async () => {
  expect(await split(['a\nb', 'c\nd\n', 'e'])).toEqual([['a'], ['bc', 'd'], ['e']]);
});

test('a character cut in two by a chunk is whole', async () => {
  const bytes = Buffer.from('排序\n');
  expect(await split([bytes.subarray(0, 2), bytes.subarray(2, 4), bytes.subarray(4)])).toEqual([['排序']]);
});

test('a line longer than the limit is an error, ended or not', async () => {
  await expect(split(['x'.repeat(11)], 10)).rejects.toThrow(LineTooLongError);
  await expect(split(['xxxxxx', 'xxxxx\n'], 10)).rejects.toThrow('longer than 10 bytes');
  expect(await split(['x'.repeat(10), '\n'], 10)).toEqual([['x'.repeat(10)]]);
});
