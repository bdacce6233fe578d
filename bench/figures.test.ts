import { expect, it } from 'vitest';
import { compare, figureOf, measureInTurn, printTable, quantilesOf } from './figures.mjs';

it('gives the median with the least and the greatest', () => {
  expect(figureOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
  expect(figureOf([4, 1, 2, 100])).toEqual({ median: 3, min: 1, max: 100 });
});

it('gives the values that half of all, 99 % and 99.9 % do not exceed', () => {
  const values = Array.from({ length: 2_000 }, (_, index) => index + 1);
  expect(quantilesOf(values.reverse())).toEqual({ p50: 1_000, p99: 1_980, 'p99.9': 1_998 });
  expect(quantilesOf([3])).toEqual({ p50: 3, p99: 3, 'p99.9': 3 });
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

it('compares with each peer, and has the budget behind the ratio to the first', () => {
  expect(compare('speed', [[6, 3, 2]], 1, '')).toEqual(['speed', '6.0', '3.0', '2.00', '', '2.0', '3.00']);
  expect(compare('speed', [[6, 3, 2]], 0)).toEqual(['speed', '6', '3', '2.00', '2', '3.00']);
  expect(compare('seconds', [[0.5], [0.7], [0.6]], 1, '≤ 1')).toEqual(['seconds', '**0.6** (0.5–0.7)', '≤ 1']);
});

it('measures all once for nothing, then in turn, there and back', async () => {
  let calls = '';
  const measure = (name: string) => async () => {
    calls += name;
    return `${name}${calls.length}`;
  };
  const results = await measureInTurn(3, ['a', 'b', 'c'].map(measure));
  expect(calls).toBe('abcabccbaabc');
  expect(results).toEqual([
    ['a4', 'b5', 'c6'],
    ['a9', 'b8', 'c7'],
    ['a10', 'b11', 'c12'],
  ]);
});

it('measures a single repeat at once, and any number where that is asked for', async () => {
  let calls = 0;
  const measure = async () => {
    calls += 1;
    return calls;
  };
  expect(await measureInTurn(1, [measure, measure])).toEqual([[1, 2]]);
  expect(await measureInTurn(2, [measure], { warmUp: false })).toEqual([[3], [4]]);
});

it('prints a table that Markdown reads', () => {
  expect(printTable(['', 'Parley'], [['1 reader', '2.0']])).toBe('|  | Parley |\n| --- | ---: |\n| 1 reader | 2.0 |');
});
