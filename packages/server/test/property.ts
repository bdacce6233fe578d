import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { inject } from 'vitest';

/** The seed of this run: `PROPERTY_SEED`, or a random one. */
const seed = Number(process.env.PROPERTY_SEED ?? randomInt(2 ** 31));

/** Where not all cases are to be tried, one of so many is. */
const SHARE = inject('all') ? 1 : 12;

/**
 * Expects a property to hold for `runs` random cases; for a twelfth of them in `npm test`. One that fails is made smaller
 * first, while there is time (in milliseconds), and is told with what repeats it.
 */
export async function holds<T>(property: fc.IAsyncProperty<T>, runs: number, time = 30_000): Promise<void> {
  const numRuns = Math.ceil(runs / SHARE);
  await fc.assert(property, { seed, numRuns, interruptAfterTimeLimit: time }).catch((error) => {
    console.error(`PROPERTY_SEED=${seed} repeats the choices of this run.`);
    throw error;
  });
}

/** The numbers from 0 up to `end`; of them every twelfth in `npm test`, from a random one on. */
export function* share(end = Number.POSITIVE_INFINITY): Generator<number> {
  for (let at = seed % SHARE; at < end; at += SHARE) yield at;
}

/** All of a list; of it every twelfth in `npm test`, from a random one on. */
export function shareOf<T>(list: readonly T[]): T[] {
  return [...share(list.length)].map((at) => list[at] as T);
}
