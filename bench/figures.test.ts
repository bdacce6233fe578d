import { expect, it } from 'vitest';
import { compare, figureOf, measureInTurn, printTable } from './figures.mjs';

it('gives the median with the least and the greatest', () => {
  expect(figureOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
  expect(figureOf([4, 1, 2, 100])).toEqual({ median: 3, min: 1, max: 100 });
});

it('takes the ratio of each pair, not that of the medians', () => {
  const pairs = [
    [1, 2],
    [100, 100],
    [30, 10],
  ];
  expect(compare('speed', pairs, 0, '≥ 0.9')).toEqual([
    'speed',
    '**30** (1–100)',
    '**10** (2–100)',
    '**1.00** (0.50–3.00)',
    '≥ 0.9',
  ]);
});

it('measures both once for nothing, then in turn, each first as often as the other', async () => {
  let calls = '';
  const measure = (name: string) => async () => {
    calls += name;
    return calls.length;
  };
  const pairs = await measureInTurn(3, measure('a'), measure('b'));
  expect(calls).toBe('ababbaab');
  expect(pairs).toEqual([
    { ours: 3, theirs: 4 },
    { ours: 6, theirs: 5 },
    { ours: 7, theirs: 8 },
  ]);
});

it('prints a table that Markdown reads', () => {
  expect(printTable(['', 'Parley'], [['1 reader', '2.0']])).toBe('|  | Parley |\n| --- | ---: |\n| 1 reader | 2.0 |');
});
