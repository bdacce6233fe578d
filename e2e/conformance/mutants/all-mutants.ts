import { answerMutants } from './answers.js';
import { behaviourMutants } from './behaviours.js';
import { errorMutants, errorShapeMutants } from './errors.js';
import type { Mutant } from './mutant.js';
import { promiseMutants } from './promises.js';

/** Every mutant, by what it is derived from. */
export const GROUPS: Readonly<Record<string, readonly Mutant[]>> = {
  'answers of success, each field, status and header': answerMutants,
  'error codes of each operation': errorMutants,
  'fields of errors': errorShapeMutants,
  promises: promiseMutants,
  'what the documents say in words': behaviourMutants,
};

/** Every mutant. */
export const allMutants: readonly Mutant[] = Object.values(GROUPS).flat();
