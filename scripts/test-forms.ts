import { randomInt } from 'node:crypto';
import { inject, it } from 'vitest';

/**
 * The forms of the tests. `npm test` is the short one, for every change: it leaves out files that end in `.long.test.ts` and
 * tests by `itInAll`, and of many cases of one kind it tries a few, by chance. `npm run test:all` has every test, for CI.
 * `npm run test:faults` also kills at every point at which something can be killed.
 */

/** Whether every test is run. */
export const ALL = inject('form') !== 'short';

/** What the choices of this run are made from: `TEST_SEED`, or a random number. */
export const SEED = Number(process.env.TEST_SEED ?? randomInt(2 ** 31));

/** A test that only `npm run test:all` has. */
export function itInAll(title: string, run: () => unknown): void {
  if (ALL) it(title, run);
}

/** The numbers from 0 up to `end`: one in `step` of them in `npm test`, one in `stepOfAll` in `npm run test:all`. */
export function* share(end = Number.POSITIVE_INFINITY, step = 12, stepOfAll = 1): Generator<number> {
  const every = { short: step, all: stepOfAll, long: 1 }[inject('form')];
  for (let at = SEED % every; at < end; at += every) yield at;
}

/** All of a list; in `npm test` one in `step` of it. */
export function shareOf<T>(list: readonly T[], step?: number): T[] {
  return [...share(list.length, step)].map((at) => list[at] as T);
}
