import { randomInt } from 'node:crypto';
import { inject, it } from 'vitest';

/**
 * The two forms of the tests: `npm test` is the short one, for every change; `npm run test:all` is the whole one, for CI. The
 * short form leaves out files that end in `.long.test.ts` and tests by `itInAll`, and of many cases of one kind it tries a
 * few, by chance.
 */

/** Whether every test is run, and every case is tried. */
export const ALL: boolean = inject('all');

/** What the choices of this run are made from: `TEST_SEED`, or a random number. */
export const SEED = Number(process.env.TEST_SEED ?? randomInt(2 ** 31));

/** A test that only `npm run test:all` has. */
export function itInAll(title: string, run: () => unknown): void {
  if (ALL) it(title, run);
}

/** The numbers from 0 up to `end`; in `npm test` one in `step` of them. */
export function* share(end = Number.POSITIVE_INFINITY, step = 12): Generator<number> {
  const every = ALL ? 1 : step;
  for (let at = SEED % every; at < end; at += every) yield at;
}

/** All of a list; in `npm test` one in `step` of it. */
export function shareOf<T>(list: readonly T[], step?: number): T[] {
  return [...share(list.length, step)].map((at) => list[at] as T);
}
