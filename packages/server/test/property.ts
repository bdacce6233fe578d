import fc from 'fast-check';
import { ALL, SEED } from '../../../scripts/test-forms.js';

/**
 * Expects a property to hold for `runs` random cases; for a twelfth of them in `npm test`. One that fails is made smaller
 * first, while there is time (in milliseconds), and is told with what repeats it.
 */
export async function holds<T>(
  property: fc.IAsyncProperty<T>,
  runs: number,
  time = ALL ? 200_000 : 40_000,
): Promise<void> {
  const numRuns = Math.ceil(runs / (ALL ? 1 : 12));
  await fc.assert(property, { seed: SEED, numRuns, interruptAfterTimeLimit: time }).catch((error) => {
    console.error(`TEST_SEED=${SEED} repeats the choices of this run.`);
    throw error;
  });
}
