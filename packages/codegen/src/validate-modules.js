/**
 * @file The run-time modules of validators. They are the same for every document, and belong to the contract package.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Their folder. The template asks for it by itself: the generator puts its code somewhere else before it runs it. */
export const VALIDATE = fileURLToPath(new URL('../../contract/src/validate', import.meta.url));

/** The text of each by its name, such as `problems.ts`. @param {string} folder */
export function readValidateModules(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
