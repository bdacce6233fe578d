import { ServiceError } from '@parleyhq/contract';
import { describe } from '../check-options.js';

/**
 * The server's error for a malformed id, if the id cannot be sent in a path: `.` and `..` would lead to another path, and an
 * empty one to the list. Undefined for all other ids.
 *
 * @throws TypeError for an id that is not a string.
 */
export function checkPath(values: Readonly<Record<string, unknown>> = {}): ServiceError | undefined {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string') throw new TypeError(`${name}: expected a string, got ${describe(value)}`);
    if (/^\.{0,2}$/.test(value))
      return new ServiceError('SessionNotFound', `No session has the ${name} ${describe(value)}.`);
  }
  return undefined;
}
