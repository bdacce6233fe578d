/**
 * Checks a time in milliseconds; `Infinity` is no limit.
 *
 * @throws TypeError for what is no number; RangeError for NaN and what is not above 0.
 */
export function checkDuration(name: string, value: number): void {
  check(name, value, value > 0, 'milliseconds above 0, or Infinity for no limit');
}

/**
 * Checks a longest wait in milliseconds, which may be 0.
 *
 * @throws TypeError for what is no number; RangeError for NaN and negative numbers.
 */
export function checkWait(name: string, value: number): void {
  check(name, value, value >= 0, 'milliseconds of at least 0');
}

/**
 * Checks a number of things; `Infinity` is as many as there are, where there is no most.
 *
 * @throws TypeError for what is no number; RangeError for fractions, NaN, what is below `least` and what is above `most`.
 */
export function checkCount(name: string, value: number, least = 0, most = Number.POSITIVE_INFINITY): void {
  const fits = value >= least && value <= most && (Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY);
  const numbers = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}, or Infinity`;
  check(name, value, fits, `a whole number ${numbers}`);
}

/**
 * Checks a cursor: the id of an event, or 0.
 *
 * @throws TypeError for what is no number; RangeError for fractions, NaN and negative numbers.
 */
export function checkCursor(name: string, value: number): void {
  check(name, value, value >= 0 && Number.isSafeInteger(value), 'the id of an event, or 0 for the beginning');
}

/** @throws TypeError for a value of another type. */
export function checkType(name: string, value: unknown, type: 'function' | 'string'): void {
  if (typeof value !== type) throw new TypeError(`${name}: expected a ${type}, got ${describe(value)}`);
}

function check(name: string, value: unknown, fits: boolean, expected: string): void {
  if (typeof value !== 'number') throw new TypeError(`${name}: expected ${expected}, got ${describe(value)}`);
  if (!fits) throw new RangeError(`${name}: expected ${expected}, got ${value}`);
}

/** A value in a message of an error: a string in quotes, anything else by its type alone. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return value === null ? 'null' : typeof value;
}
