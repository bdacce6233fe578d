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

/** Says whether a value is a `T`. It throws for no value. */
export type Validator<T> = (value: unknown) => Validation<T>;

/** Adds what is wrong with a value to a list; its pointers begin at the value. */
// biome-ignore lint/suspicious/noExplicitAny: compiled checks read properties only once they know what they have.
export type Check = (value: any, problems: Problem[]) => void;

/** How many problems are listed of one value. */
export const LIMIT = 64;

/** A typed validator from a compiled check. */
export function validator<T>(check: Check): Validator<T> {
  return (value) => {
    try {
      const problems = problemsOf(check, value);
      return problems.length === 0 ? { ok: true, value: value as T } : { ok: false, problems };
    } catch (error) {
      // A recursive schema and a value nested so deep that the stack does not hold it.
      if (!(error instanceof RangeError)) throw error;
      const message = 'expected fewer levels of nesting';
      return { ok: false, problems: [{ pointer: '', keyword: 'depth', message }] };
    }
  };
}

/** What a check finds wrong, on its own. */
export function problemsOf(check: Check, value: unknown): Problem[] {
  const problems: Problem[] = [];
  check(value, problems);
  return problems;
}

/** Adds a problem of the value at hand. */
export function report(problems: Problem[], keyword: string, message: string): void {
  if (problems.length < LIMIT) problems.push({ pointer: '', keyword, message });
}

/** Adds that one thing was expected and another got. */
export function fail(problems: Problem[], keyword: string, expected: string, value: unknown): void {
  report(problems, keyword, `expected ${expected}, got ${describe(value)}`);
}

/** Adds that a value is of another type. */
export function failType(problems: Problem[], expected: string, value: unknown): void {
  const got = expected === 'integer' && typeof value === 'number' ? describe(value) : kindOf(value);
  report(problems, 'type', `expected ${expected}, got ${got}`);
}

/** What a value is, for people: its kind, and short ones as they are. */
export function describe(value: unknown): string {
  const kind = kindOf(value);
  if (typeof value === 'string') return JSON.stringify(value.length <= 64 ? value : `${value.slice(0, 60)}…`);
  return kind === 'number' || kind === 'boolean' ? String(value) : kind;
}

/** What a JSON value is; `nothing` is no JSON value. */
export type Kind = 'null' | 'array' | 'object' | 'string' | 'number' | 'boolean' | 'nothing';

/** The kind of a value. */
export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'nothing';
}

/** Values, as people list them. */
export function listed(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ');
}

/** So many of a thing, in words. */
export function count(amount: number, noun: string): string {
  if (amount === 1) return `${amount} ${noun}`;
  return `${amount} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** A key as a part of a JSON pointer. */
export function segment(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
