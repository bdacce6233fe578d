/**
 * @file The run-time modules of validators. They are the same for every document, and belong to the contract package.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Their folder. */
export const VALIDATE = fileURLToPath(new URL('../../contract/src/validate', import.meta.url));

/** The text of each by its name, such as `problems.ts`. */
export function readValidateModules() {
  const names = readdirSync(VALIDATE).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(VALIDATE, name), 'utf8')]));
}
