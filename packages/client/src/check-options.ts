/**
 * Checks a time in milliseconds; `Infinity` means no limit.
 *
 * @throws TypeError if it is not a number; RangeError for NaN and below `least`.
 */
export function checkDuration(name: string, value: number, least = 1): void {
  check(name, value, 'milliseconds', least, Number.POSITIVE_INFINITY);
}

/**
 * Checks a whole number. `Infinity` is allowed if there is no `most`.
 *
 * @throws TypeError if it is not a number; RangeError for fractions, NaN, below `least` and above `most`.
 */
export function checkCount(name: string, value: number, least = 0, most = Number.POSITIVE_INFINITY): void {
  check(name, value, 'a whole number', least, most, value === Number.POSITIVE_INFINITY || Number.isSafeInteger(value));
}

/** @throws TypeError for a value of another type. */
export function checkType(name: string, value: unknown, type: 'function' | 'string'): void {
  if (typeof value !== type) throw new TypeError(`${name}: expected a ${type}, got ${describe(value)}`);
}

function check(name: string, value: unknown, what: string, least: number, most: number, fits = true): void {
  const expected = `${name}: expected ${what} from ${least} to ${most}, got `;
  if (typeof value !== 'number') throw new TypeError(expected + describe(value));
  if (!(fits && value >= least && value <= most)) throw new RangeError(expected + value);
}

/** A value as error messages show it: a string in quotes, anything else as the name of its type. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return value === null ? 'null' : typeof value;
}
