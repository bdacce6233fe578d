import { ServiceError } from '@parleyhq/contract';
import { describe } from '../check-options.js';

/** The values of a call's path, by their names. */
type PathValues = Readonly<Record<string, unknown>>;

/**
 * Puts the values of a path into it. What is no well-formed string is put there as one, so that this never throws:
 * `checkPath` has said of it before that it is none.
 */
export function serializePath(path: string, values: PathValues): string {
  return path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(toWellFormed(String(values[name]))));
}

/**
 * What the server would say of an id that it cannot be asked for, which is what it says of any malformed id: undefined for
 * all others. `.` and `..` would lead to another path, and nothing at all to the list.
 *
 * @throws TypeError for an id that is no string.
 */
export function checkPath(path: string, values: PathValues = {}): ServiceError | undefined {
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
    const value = values[name];
    if (typeof value !== 'string') throw new TypeError(`${name}: expected a string, got ${describe(value)}`);
    if (!/^\.{0,2}$/.test(value) && value === toWellFormed(value)) continue;
    return new ServiceError(
      name === 'session_id' ? 'SessionNotFound' : 'NotFound',
      `${name}: no id is ${describe(value)}; nothing was sent.`,
    );
  }
  return undefined;
}

/** A string in which each half of a pair that stands alone is replaced, as `String.prototype.toWellFormed` does. */
function toWellFormed(value: string): string {
  return value.replace(/\p{Surrogate}/gu, '\ufffd');
}
