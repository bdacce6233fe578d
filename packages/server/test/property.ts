import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/** The seed of this run: `PROPERTY_SEED`, or one by chance. */
const seed = Number(process.env.PROPERTY_SEED ?? randomInt(2 ** 31));

/**
 * Expects a property to hold for `runs` random cases. One that fails is made smaller first, while there is time (in
 * milliseconds), and is told with what repeats it.
 */
export async function holds<T>(property: fc.IAsyncProperty<T>, runs: number, time = 30_000): Promise<void> {
  console.log(`PROPERTY_SEED=${seed} repeats the choices of this run.`);
  await fc.assert(property, { seed, numRuns: runs, interruptAfterTimeLimit: time });
}
