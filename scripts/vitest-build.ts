import { ensureBuilt, repository, SetupError } from './setup.mjs';

/**
 * Builds the packages before the tests, since imports of other packages, workers and subprocesses run from `dist/`. A
 * type error is shown but stops no test, since the compiler writes its output anyway; `npm run check` fails on it.
 */
export function setup(): void {
  try {
    ensureBuilt(repository);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
  }
}
