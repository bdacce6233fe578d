/** One place that is wrong. */
export interface Problem {
  /** JSON pointer to the place. */
  pointer: string;
  /** The keyword of JSON Schema that is not met; `json` where the text is no JSON. */
  readonly keyword: string;
  /** What was expected, and what was got. */
  readonly message: string;
}

/** What validation says: the value with its type, or everything that is wrong with it. */
export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Says whether a value is a `T`. It never throws. */
export type Validator<T> = (value: unknown) => Validation<T>;

/** Adds what is wrong with a value to a list; its pointers begin at the value. */
// biome-ignore lint/suspicious/noExplicitAny: compiled checks read properties only once they know what they have.
export type Check = (value: any, problems: Problem[]) => void;

/** How many problems are listed of one value. */
const LIMIT = 64;

/** A typed validator from a compiled check. */
export function validator<T>(check: Check): Validator<T> {
  return (value) => {
    const problems: Problem[] = [];
    check(value, problems);
    return problems.length === 0 ? { ok: true, value: value as T } : { ok: false, problems };
  };
}

/** The check of `true`: whatever it is. */
export const anything: Check = () => undefined;

/** The check of `false`. */
export const nothing: Check = (value, problems) => fail(problems, 'false', 'nothing', value);

export const isBoolean: Check = (value, problems) => {
  if (typeof value !== 'boolean') failType(problems, 'boolean', value);
};

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

export function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Check {
  return (value, problems) => {
    if (!Number.isFinite(value)) return failType(problems, 'number', value);
    within(value, min, max, problems);
  };
}

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

/** A check for each kind of value; other kinds fail, or pass where nothing is expected. */
export function kinds(expected: string | undefined, checks: Readonly<Partial<Record<Kind, Check>>>): Check {
  return (value, problems) => {
    const check = checks[kindOf(value)];
    if (check !== undefined) check(value, problems);
    else if (expected !== undefined) failType(problems, expected, value);
  };
}

export function all(...checks: readonly Check[]): Check {
  return (value, problems) => {
    for (const check of checks) check(value, problems);
  };
}

/** At least one of some checks passes. */
export function some(...checks: readonly Check[]): Check {
  return (value, problems) => {
    const failures: Problem[][] = [];
    for (const check of checks) {
      const found = problemsOf(check, value);
      if (found.length === 0) return;
      failures.push(found);
    }
    problems.push(...explain('anyOf', failures, value));
  };
}

/** Exactly one of some checks passes. */
export function one(...checks: readonly Check[]): Check {
  return (value, problems) => {
    const failures = checks.map((check) => problemsOf(check, value)).filter((found) => found.length > 0);
    const passed = checks.length - failures.length;
    if (passed === 0) problems.push(...explain('oneOf', failures, value));
    else if (passed > 1) {
      report(problems, 'oneOf', `expected exactly one of ${checks.length} variants to fit, got ${passed} that do`);
    }
  };
}

export function not(check: Check): Check {
  return (value, problems) => {
    if (problemsOf(check, value).length === 0) fail(problems, 'not', 'something else', value);
  };
}

export function when(condition: Check, then: Check, otherwise: Check): Check {
  return (value, problems) => {
    if (problemsOf(condition, value).length === 0) then(value, problems);
    else otherwise(value, problems);
  };
}

/** The variant that the value of a property names; `open` lets names pass that nobody knows. */
export function tagged(property: string, variants: Readonly<Record<string, Check>>, open = false): Check {
  const known = new Map(Object.entries(variants));
  return (value, problems) => {
    if (!object(value, problems)) return;
    const tag = value[property];
    const check = known.get(tag);
    if (check !== undefined) check(value, problems);
    else if (!open || typeof tag !== 'string') {
      need(tag, property, (_, inner) => fail(inner, 'oneOf', listed([...known.keys()]), tag), problems);
    }
  };
}

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

export function size(value: object, min: number, max: number, problems: Problem[]): void {
  const found = Object.keys(value).length;
  if (found < min) report(problems, 'minProperties', `expected at least ${count(min, 'property')}, got ${found}`);
  if (found > max) report(problems, 'maxProperties', `expected at most ${count(max, 'property')}, got ${found}`);
}

export function keys(value: object, check: Check, problems: Problem[]): void {
  for (const key of Object.keys(value)) may(key, key, check, problems);
}

/** An array; `first` are the checks of its first elements, `items` that of the others. */
export function list(
  items: Check = anything,
  min = 0,
  max = Number.POSITIVE_INFINITY,
  first: readonly Check[] = [],
): Check {
  return (value, problems) => {
    if (!Array.isArray(value)) return failType(problems, 'array', value);
    if (value.length < min)
      report(problems, 'minItems', `expected at least ${count(min, 'item')}, got ${value.length}`);
    if (value.length > max) report(problems, 'maxItems', `expected at most ${count(max, 'item')}, got ${value.length}`);
    for (let index = 0; index < value.length && problems.length < LIMIT; index++) {
      need(value[index], index, first[index] ?? items, problems);
    }
  };
}

/** An array, where it is one, without an element twice. */
export const unique: Check = (value, problems) => {
  if (!Array.isArray(value)) return;
  const twice = value.findIndex((element, index) => value.slice(0, index).some((earlier) => equal(earlier, element)));
  if (twice >= 0) report(problems, 'uniqueItems', `expected no item twice, got item ${twice} again`);
};

/** An array, where it is one, with so many elements of a kind. */
export function contains(check: Check, min = 1, max = Number.POSITIVE_INFINITY): Check {
  return (value, problems) => {
    if (!Array.isArray(value)) return;
    const found = value.filter((element) => problemsOf(check, element).length === 0).length;
    if (found < min) report(problems, 'contains', `expected at least ${count(min, 'fitting item')}, got ${found}`);
    if (found > max) report(problems, 'contains', `expected at most ${count(max, 'fitting item')}, got ${found}`);
  };
}

/** What a value is, for people: its kind, and short ones as they are. */
export function describe(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'array' || kind === 'object' || value === undefined) return kind;
  const shown = JSON.stringify(value);
  return shown.length <= 64 ? shown : `${shown.slice(0, 60)}…`;
}

type Kind = 'null' | 'array' | 'object' | 'string' | 'number' | 'boolean' | 'nothing';

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'nothing';
}

function report(problems: Problem[], keyword: string, message: string): void {
  if (problems.length < LIMIT) problems.push({ pointer: '', keyword, message });
}

function fail(problems: Problem[], keyword: string, expected: string, value: unknown): void {
  report(problems, keyword, `expected ${expected}, got ${describe(value)}`);
}

function failType(problems: Problem[], expected: string, value: unknown): void {
  const got = expected === 'integer' && typeof value === 'number' ? describe(value) : kindOf(value);
  report(problems, 'type', `expected ${expected}, got ${got}`);
}

function only(key: string, problems: Problem[]): void {
  if (problems.length >= LIMIT) return;
  const message = 'expected no property of this name';
  problems.push({ pointer: segment(key), keyword: 'additionalProperties', message });
}

function within(value: number, min: number, max: number, problems: Problem[]): void {
  if (value < min) fail(problems, 'minimum', `a number from ${min}`, value);
  if (value > max) fail(problems, 'maximum', `a number up to ${max}`, value);
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}

function problemsOf(check: Check, value: unknown): Problem[] {
  const problems: Problem[] = [];
  check(value, problems);
  return problems;
}

/** Of the variants that do not fit, tells about the one that got furthest; variants of other types are only named. */
function explain(keyword: string, failures: readonly Problem[][], value: unknown): Problem[] {
  const wrongType = ({ pointer, keyword: word }: Problem) => pointer === '' && word === 'type';
  const near = failures.filter((found) => !found.some(wrongType));
  if (near.length > 0) return near.reduce((best, found) => (found.length < best.length ? found : best));
  const expected = failures.flat().filter(wrongType);
  const types = expected.map(({ message }) => message.slice('expected '.length, message.lastIndexOf(', got ')));
  return [{ pointer: '', keyword, message: `expected ${[...new Set(types)].join(' or ')}, got ${kindOf(value)}` }];
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function equal(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (!isNested(left) || !isNested(right) || Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(left as object);
  return (
    names.length === Object.keys(right as object).length &&
    names.every((name) => Object.hasOwn(right as object, name) && equal(left?.[name as never], right?.[name as never]))
  );
}

function codePoints(value: string): number {
  let points = 0;
  for (const _ of value) points++;
  return points;
}

function listed(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ');
}

function count(amount: number, noun: string): string {
  if (amount === 1) return `${amount} ${noun}`;
  return `${amount} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

function segment(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
