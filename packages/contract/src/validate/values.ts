import { type Check, count, fail, failType, listed, type Problem, report } from './problems.js';

/** The check of `true`: whatever it is. */
export const anything: Check = () => undefined;

/** The check of `false`. */
export const nothing: Check = (value, problems) => fail(problems, 'false', 'nothing', value);

/** The check of `boolean`. */
export const isBoolean: Check = (value, problems) => {
  if (typeof value !== 'boolean') failType(problems, 'boolean', value);
};

/** The check of `null`. */
export const isNull: Check = (value, problems) => {
  if (value !== null) failType(problems, 'null', value);
};

/** A string; its length counts code points. */
export function text(min = 0, max = Number.POSITIVE_INFINITY, pattern?: RegExp, what?: string): Check {
  return (value, problems) => {
    if (typeof value !== 'string') return failType(problems, 'string', value);
    // Code units are never fewer than code points, so that the second count is rarely needed.
    if (value.length < min || (min > 1 && codePoints(value) < min)) {
      report(problems, 'minLength', `expected at least ${count(min, 'character')}, got ${codePoints(value)}`);
    }
    if (value.length > max && codePoints(value) > max) {
      report(problems, 'maxLength', `expected at most ${count(max, 'character')}, got ${codePoints(value)}`);
    }
    if (pattern !== undefined && !pattern.test(value)) {
      fail(problems, what === undefined ? 'pattern' : 'format', what ?? `a match of ${pattern.source}`, value);
    }
  };
}

/** A string, where it is one, that a pattern fits. */
export function matches(pattern: RegExp, what?: string): Check {
  const check = text(0, undefined, pattern, what);
  return (value, problems) => {
    if (typeof value === 'string') check(value, problems);
  };
}

/** A finite number. */
export function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Check {
  return (value, problems) => {
    if (!Number.isFinite(value)) return failType(problems, 'number', value);
    within(value, min, max, problems);
  };
}

/** A whole number. */
export function integer(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Check {
  return (value, problems) => {
    if (!Number.isInteger(value)) return failType(problems, 'integer', value);
    within(value, min, max, problems);
  };
}

/** A number, where it is one, above, below or a multiple of another. */
export function bounded(above?: number, below?: number, multipleOf?: number): Check {
  return (value, problems) => {
    if (typeof value !== 'number') return;
    if (above !== undefined && value <= above) fail(problems, 'exclusiveMinimum', `a number above ${above}`, value);
    if (below !== undefined && value >= below) fail(problems, 'exclusiveMaximum', `a number below ${below}`, value);
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
      fail(problems, 'multipleOf', `a multiple of ${multipleOf}`, value);
    }
  };
}

/** One of some values; `keyword` is `enum` or `const`. */
export function choice(keyword: string, values: readonly unknown[]): Check {
  return (value, problems) => {
    for (const known of values) if (value === known) return;
    if (isNested(value) && values.some((known) => equal(known, value))) return;
    fail(problems, keyword, listed(values), value);
  };
}

function within(value: number, min: number, max: number, problems: Problem[]): void {
  if (value < min) fail(problems, 'minimum', `a number from ${min}`, value);
  if (value > max) fail(problems, 'maximum', `a number up to ${max}`, value);
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}

/** Whether two JSON values are the same. */
export function equal(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (!isNested(left) || !isNested(right) || Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(left as object);
  return (
    names.length === Object.keys(right as object).length &&
    names.every((name) => Object.hasOwn(right as object, name) && equal(left?.[name as never], right?.[name as never]))
  );
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function codePoints(value: string): number {
  let points = 0;
  for (const _ of value) points++;
  return points;
}
