/** One problem of a value. */
export interface Problem {
  /** JSON pointer to the place. */
  pointer: string;
  /** The JSON Schema keyword that is broken; `json` if the text is not JSON. */
  readonly keyword: string;
  /** What was expected, and what the value is. */
  readonly message: string;
}

/** The result of a validation: the value with its type, or its problems. */
export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks whether a value is a `T`. It never throws. */
export type Validator<T> = (value: unknown) => Validation<T>;

/** Adds the problems of a value to a list. Their pointers start at the value. */
// biome-ignore lint/suspicious/noExplicitAny: compiled checks read properties only after they have checked the type.
export type Check = (value: any, problems: Problem[]) => void;

/** The most problems that are reported for one value. */
export const LIMIT = 64;

/** No bound. */
export const UNBOUNDED = Number.POSITIVE_INFINITY;

/** A typed validator from a compiled check. */
export function validator<T>(check: Check): Validator<T> {
  return (value) => {
    try {
      const problems = problemsOf(check, value);
      return problems.length === 0 ? { ok: true, value: value as T } : { ok: false, problems };
    } catch (error) {
      // The schema is recursive and the value is nested too deeply for the stack.
      if (!(error instanceof RangeError)) throw error;
      const message = 'expected fewer levels of nesting';
      return { ok: false, problems: [{ pointer: '', keyword: 'depth', message }] };
    }
  };
}

/** The problems that a check finds. */
export function problemsOf(check: Check, value: unknown): Problem[] {
  const problems: Problem[] = [];
  check(value, problems);
  return problems;
}

/** Adds a problem of the value itself. */
export function report(problems: Problem[], keyword: string, message: string): void {
  if (problems.length < LIMIT) problems.push({ pointer: '', keyword, message });
}

/** Adds a problem that says what was expected and what the value is. */
export function fail(problems: Problem[], keyword: string, expected: string, value: unknown): void {
  report(problems, keyword, `expected ${expected}, got ${describe(value)}`);
}

/** Adds a problem that says that the value has a wrong type. */
export function failType(problems: Problem[], expected: string, value: unknown): void {
  const got = expected === 'integer' && typeof value === 'number' ? describe(value) : kindOf(value);
  report(problems, 'type', `expected ${expected}, got ${got}`);
}

/** Describes a value for a message: simple values as they are, long strings cut, others by their kind. */
export function describe(value: unknown): string {
  const kind = kindOf(value);
  if (typeof value === 'string') return JSON.stringify(value.length <= 64 ? value : `${value.slice(0, 60)}…`);
  return kind === 'number' || kind === 'boolean' ? String(value) : kind;
}

/** The kinds of JSON values; `nothing` is a value that JSON does not have. */
export type Kind = 'null' | 'array' | 'object' | 'string' | 'number' | 'boolean' | 'nothing';

/** The kind of a value. */
export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'nothing';
}

/** A list of values for a message. */
export function listed(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ');
}

/** A number with its noun in singular or plural. */
export function count(amount: number, noun: string): string {
  if (amount === 1) return `${amount} ${noun}`;
  return `${amount} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** A key as a part of a JSON pointer. */
export function segment(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
