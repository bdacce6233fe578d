import { type Check, count, fail, failType, listed, type Problem, report, UNBOUNDED } from './problems.js';

/** The check of the schema `true`: any value passes. */
export const anything: Check = () => undefined;

/** The check of the schema `false`: no value passes. */
export const nothing: Check = (value, problems) => fail(problems, 'false', 'nothing', value);

/** Checks that a value is a boolean. */
export const isBoolean: Check = (value, problems) => {
  if (typeof value !== 'boolean') failType(problems, 'boolean', value);
};

/** Checks that a value is null. */
export const isNull: Check = (value, problems) => {
  if (value !== null) failType(problems, 'null', value);
};

/** Checks a string. Its length is counted in code points. */
export function text(min = 0, max = UNBOUNDED, pattern?: RegExp, what?: string): Check {
  return (value, problems) => {
    if (typeof value !== 'string') return failType(problems, 'string', value);
    // There are never fewer code units than code points, so the slower count is rarely needed.
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

/** If the value is a string, checks that it matches a pattern. */
export function matches(pattern: RegExp, what?: string): Check {
  const check = text(0, undefined, pattern, what);
  return (value, problems) => {
    if (typeof value === 'string') check(value, problems);
  };
}

/** Checks a finite number. */
export function number(min = -UNBOUNDED, max = UNBOUNDED): Check {
  return (value, problems) => {
    if (!Number.isFinite(value)) return failType(problems, 'number', value);
    within(value, min, max, problems);
  };
}

/** Checks a whole number. */
export function integer(min = -UNBOUNDED, max = UNBOUNDED): Check {
  return (value, problems) => {
    if (!Number.isInteger(value)) return failType(problems, 'integer', value);
    within(value, min, max, problems);
  };
}

/** If the value is a number, checks that it is above or below a bound, or a multiple of a number. */
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

/** Checks that a value is one of these; `keyword` is `enum` or `const`. */
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

/** Whether two JSON values are equal. */
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
