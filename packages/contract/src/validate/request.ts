import { may } from './objects.js';
import type { Check, Problem, Validation } from './problems.js';

/** Headers of a request, with names in lower case. */
export type HandshakeHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A type to which a text of the query or of a header can be converted. */
export type ScalarType = 'string' | 'number' | 'boolean' | 'null';

/**
 * The types to which texts of the query or of a header are converted before they are checked: `one` if the name occurs
 * once, `many` for the elements of a list. Without `one` it is always a list.
 */
export interface ValueTypes {
  readonly one?: readonly ScalarType[];
  readonly many?: readonly ScalarType[];
}

/** The handshake of one channel, from the document. */
export interface HandshakeRules {
  /** Matches the path. Its groups are the parameters, in order. */
  readonly path: RegExp;
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly values: readonly string[] }>;
  readonly query: Readonly<Record<string, ValueTypes>>;
  /** The types of names that `query` does not have. */
  readonly otherQuery?: ValueTypes;
  readonly headers: Readonly<Record<string, ValueTypes>>;
  readonly checkQuery: Check;
  readonly checkHeaders: Check;
}

/** The parts of a handshake before their types are known. */
export interface HandshakeParts {
  readonly path: Record<string, string>;
  readonly query: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
}

/** Reads a handshake. Undefined if the path does not match. Pointers begin with /path, /query or /headers. */
export function readHandshake(
  rules: HandshakeRules,
  target: string,
  headers: HandshakeHeaders,
): Validation<HandshakeParts> | undefined {
  const end = target.search(/[?#]/);
  const match = rules.path.exec(end < 0 ? target : target.slice(0, end));
  if (match === null) return undefined;
  const problems: Problem[] = [];
  const path = readPath(rules, match.slice(1), problems);
  const query: Record<string, unknown> = {};
  for (const [name, texts] of readQuery(end < 0 ? '' : target.slice(end))) {
    const types = Object.hasOwn(rules.query, name) ? rules.query[name] : rules.otherQuery;
    set(query, name, convert(texts, types ?? TEXT));
  }
  const found: Record<string, unknown> = {};
  for (const [name, types] of Object.entries(rules.headers)) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (value !== undefined) set(found, name, convert(typeof value === 'string' ? [value] : value, types));
  }
  may(query, 'query', rules.checkQuery, problems);
  may(found, 'headers', rules.checkHeaders, problems);
  return problems.length === 0 ? { ok: true, value: { path, query, headers: found } } : { ok: false, problems };
}

/** The URL of a channel. `base` is the URL of the server, with http or ws, and may have a path. */
export function buildUrl(base: string, path: string, query: Readonly<Record<string, unknown>> = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((element) => element !== undefined)
      .map((element) => `${encodeURIComponent(name)}=${encodeURIComponent(String(element))}`),
  );
  const root = base.replace(/^http/, 'ws').replace(/\/+$/, '');
  return `${root}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}

/** The texts of each name, in order. `search` is empty or begins with `?` or `#`. */
function readQuery(search: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const [query = ''] = search.split('#');
  for (const pair of query.slice(1).split('&')) {
    if (pair === '') continue;
    const [name = '', ...rest] = pair.split('=').map((text) => decode(text.replaceAll('+', ' ')) ?? text);
    found.set(name, [...(found.get(name) ?? []), rest.join('=')]);
  }
  return found;
}

function readPath(rules: HandshakeRules, segments: readonly string[], problems: Problem[]): Record<string, string> {
  const path: Record<string, string> = {};
  for (const [index, { name, values }] of rules.parameters.entries()) {
    const value = decode(segments[index] ?? '');
    const pointer = `/path/${name}`;
    if (value === undefined) {
      problems.push({ pointer, keyword: 'format', message: `expected percent-encoded UTF-8, got ${segments[index]}` });
    } else if (values.length > 0 && !values.includes(value)) {
      problems.push({ pointer, keyword: 'enum', message: `expected ${values.join(' or ')}, got ${value}` });
    } else set(path, name, value);
  }
  return path;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const TEXT: ValueTypes = { one: ['string'] };

/** A text that cannot be converted stays a text, so that the check reports what was expected. */
function convert(texts: readonly string[], { one, many }: ValueTypes): unknown {
  const isList = one === undefined || texts.length > 1;
  const values = texts.map((text) => convertOne(text, (isList ? many : undefined) ?? one ?? []));
  return isList ? values : values[0];
}

function convertOne(text: string, types: readonly ScalarType[]): unknown {
  if (types.includes('null') && text === 'null') return null;
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (types.includes('number') && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) {
    // If it may also be a text, only the usual notation of a number is a number: 007 stays a text.
    if (!types.includes('string') || String(Number(text)) === text) return Number(text);
  }
  return text;
}

/** Sets an own property, also for names such as `__proto__`. */
function set(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}
