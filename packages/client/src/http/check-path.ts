import { ServiceError } from '@parleyhq/contract';
import { describe } from '../check-options.js';

/**
 * What the server says of any malformed id, for one that it cannot be asked for: `.` and `..` would lead to another path,
 * and nothing at all to the list. Undefined for all others.
 *
 * @throws TypeError for an id that is no string.
 */
export function checkPath(values: Readonly<Record<string, unknown>> = {}): ServiceError | undefined {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string') throw new TypeError(`${name}: expected a string, got ${describe(value)}`);
    if (/^\.{0,2}$/.test(value))
      return new ServiceError('SessionNotFound', `No session has the ${name} ${describe(value)}.`);
  }
  return undefined;
}
