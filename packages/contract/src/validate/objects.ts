import { type Check, count, failType, LIMIT, type Problem, report, segment } from './problems.js';

/** Whether a value is an object; says so where it is not. */
export function object(value: unknown, problems: Problem[]): boolean {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true;
  failType(problems, 'object', value);
  return false;
}

/** A property that must be there. */
export function need(value: unknown, key: string | number, check: Check, problems: Problem[]): void {
  if (value === undefined) {
    problems.push({ pointer: segment(key), keyword: 'required', message: 'expected a value, got nothing' });
  } else may(value, key, check, problems);
}

/** A property, or an element, that may be there. */
export function may(value: unknown, key: string | number, check: Check, problems: Problem[]): void {
  if (value === undefined) return;
  const before = problems.length;
  check(value, problems);
  // Pointers grow on the way out, so that a value without problems costs no strings.
  for (let index = before; index < problems.length; index++) {
    const problem = problems[index];
    if (problem !== undefined) problem.pointer = segment(key) + problem.pointer;
  }
}

/** A property whose name every object inherits. */
export function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key as never] : undefined;
}

/** What the properties beyond those named must be. */
export function rest(
  value: object,
  names: ReadonlySet<string>,
  patterns: ReadonlyArray<readonly [RegExp, Check]>,
  check: Check | undefined,
  problems: Problem[],
): void {
  for (const key of Object.keys(value)) {
    const found = own(value, key);
    const fitting = patterns.filter(([pattern]) => pattern.test(key));
    for (const [, fits] of fitting) may(found, key, fits, problems);
    if (names.has(key) || fitting.length > 0 || found === undefined) continue;
    if (check !== undefined) may(found, key, check, problems);
    else only(key, problems);
  }
}

/** No properties but those named. */
export function closed(value: object, names: ReadonlySet<string>, problems: Problem[]): void {
  for (const key in value) {
    if (!names.has(key) && value[key as never] !== undefined) only(key, problems);
  }
}

/** So many properties, and no more. */
export function size(value: object, min: number, max: number, problems: Problem[]): void {
  const found = Object.keys(value).length;
  if (found < min) report(problems, 'minProperties', `expected at least ${count(min, 'property')}, got ${found}`);
  if (found > max) report(problems, 'maxProperties', `expected at most ${count(max, 'property')}, got ${found}`);
}

/** What the names of the properties must be. */
export function keys(value: object, check: Check, problems: Problem[]): void {
  for (const key of Object.keys(value)) may(key, key, check, problems);
}

function only(key: string, problems: Problem[]): void {
  if (problems.length >= LIMIT) return;
  const message = 'expected no property of this name';
  problems.push({ pointer: segment(key), keyword: 'additionalProperties', message });
}
