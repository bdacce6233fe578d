import { ensureBuilt, repository } from './setup.mjs';

/** Builds the packages before the tests: an import of another package, a worker or a subprocess runs from `dist/`. */
export function setup(): void {
  ensureBuilt(repository);
}
