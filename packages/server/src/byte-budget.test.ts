import { expect, it } from 'vitest';
import { createByteBudget } from './byte-budget.js';

it('a budget has a bound for each client and one for all', () => {
  const budget = createByteBudget({ inAll: 25, each: 10 });
  budget.add('a', 10);
  expect([budget.fits('a', 1), budget.fits('b', 10), budget.fits('b', 11)]).toEqual([false, true, false]);
  budget.add('b', 10);
  expect([budget.fits('c', 5), budget.fits('c', 6)]).toEqual([true, false]);
  budget.add('a', -10);
  expect([budget.fits('a', 10), budget.fits('c', 10)]).toEqual([true, true]);
});
