import { ensureBuilt, repository, SetupError } from './setup.mjs';

/**
 * Builds the packages before the tests: an import of another package, a worker or a subprocess runs from `dist/`.
 * A type error is shown and stops no test, since the compiler writes its output all the same; `npm run check` fails on it.
 */
export function setup(): void {
  try {
    ensureBuilt(repository);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
  }
}
