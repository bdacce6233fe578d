import { expect, it } from 'vitest';
import { collectBytes } from './collect-bytes.js';

it('gives back what came, in order, however it was cut', () => {
  const text = Buffer.from('排序'.repeat(20_000));
  for (const size of [1, 7, 16_384, 16_385, text.length]) {
    const bytes = collectBytes();
    for (let at = 0; at < text.length; at += size) bytes.add(text.subarray(at, at + size));
    expect(bytes.length).toBe(text.length);
    expect(bytes.whole().equals(text)).toBe(true);
  }
});

it('gives nothing for nothing, and keeps a copy of what came', () => {
  expect(collectBytes().whole()).toHaveLength(0);
  const bytes = collectBytes();
  const piece = Buffer.from('a');
  bytes.add(piece);
  piece.write('b');
  expect(bytes.whole().toString()).toBe('a');
});
