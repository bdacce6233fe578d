import { ensureBuilt, repository, SetupError } from './setup.mjs';

/**
 * Builds the packages before the tests, since everything but the tests runs from `dist/` (use-compiled.ts). What cannot be
 * compiled is shown but stops no test of other files. Types are checked by `npm run check`.
 */
export function setup(): void {
  try {
    ensureBuilt(repository);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
  }
}
