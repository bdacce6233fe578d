import { type Check, count, failType, LIMIT, type Problem, report, segment, UNBOUNDED } from './problems.js';

/** Whether a value is an object. If not, adds a problem. */
export function object(value: unknown, problems: Problem[]): boolean {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true;
  failType(problems, 'object', value);
  return false;
}

/** Checks a property or an element that must be present. */
export function need(value: unknown, key: string | number, check: Check, problems: Problem[]): void {
  if (value === undefined) {
    problems.push({ pointer: segment(key), keyword: 'required', message: 'expected a value, got nothing' });
  } else may(value, key, check, problems);
}

/** Checks a property or an element if it is present. */
export function may(value: unknown, key: string | number, check: Check, problems: Problem[]): void {
  if (value === undefined) return;
  const before = problems.length;
  check(value, problems);
  // Pointers are built on the way out, so that a value without problems needs no strings.
  for (let index = before; index < problems.length; index++) {
    const problem = problems[index];
    if (problem !== undefined) problem.pointer = segment(key) + problem.pointer;
  }
}

/** A check of an object by tables of the checks of its properties. If it `isClosed`, there may be no others. */
export function fields(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
  isClosed = false,
): (value: unknown, problems: Problem[]) => boolean {
  const needed = Object.entries(required);
  const others = Object.entries(optional);
  const names = isClosed ? new Set(Object.keys({ ...required, ...optional })) : undefined;
  // biome-ignore lint/suspicious/noExplicitAny: it is an object, which the first line checks.
  return (value: any, problems) => {
    if (!object(value, problems)) return false;
    for (const [key, check] of needed) need(value[key], key, check, problems);
    for (const [key, check] of others) may(value[key], key, check, problems);
    if (names) closed(value, names, problems);
    return true;
  };
}

/** The value of a property if it is the object's own, not inherited; for names such as `toString`. */
export function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key as never] : undefined;
}

/** Checks the properties that are not in `names`: by `patterns`, else by `check`. Without `check` there may be none. */
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

/** Checks that there are no properties other than these. */
export function closed(value: object, names: ReadonlySet<string>, problems: Problem[]): void {
  for (const key in value) {
    if (!names.has(key) && value[key as never] !== undefined) only(key, problems);
  }
}

/** Checks the number of properties. */
export function size(value: object, problems: Problem[], min: number, max = UNBOUNDED): void {
  const found = Object.keys(value).length;
  if (found < min) report(problems, 'minProperties', `expected at least ${count(min, 'property')}, got ${found}`);
  if (found > max) report(problems, 'maxProperties', `expected at most ${count(max, 'property')}, got ${found}`);
}

/** Checks the names of the properties. */
export function keys(value: object, check: Check, problems: Problem[]): void {
  for (const key of Object.keys(value)) may(key, key, check, problems);
}

function only(key: string, problems: Problem[]): void {
  if (problems.length >= LIMIT) return;
  const message = 'expected no property of this name';
  problems.push({ pointer: segment(key), keyword: 'additionalProperties', message });
}
