import { may } from './objects.js';
import type { Check, Problem, Validation } from './problems.js';

/** Headers as Node or a browser has them, their names in lower case. */
export type HandshakeHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A type that text in the query or in a header can stand for. */
export type ScalarType = 'string' | 'number' | 'boolean' | 'null';

/**
 * What text in the query or in a header is made into before it is checked: `one` where the name stands once, `many` for
 * the elements of a list. Without `one` it is a list, however often the name stands there.
 */
export interface ValueTypes {
  readonly one?: readonly ScalarType[];
  readonly many?: readonly ScalarType[];
}

/** What the document says of the handshake of one channel. */
export interface HandshakeRules {
  /** Matches the path; its groups are the parameters, in order. */
  readonly path: RegExp;
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly values: readonly string[] }>;
  readonly query: Readonly<Record<string, ValueTypes>>;
  /** Of a name that `query` does not have. */
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

/** Reads a handshake; undefined where the path is another channel's. Pointers begin with /path, /query or /headers. */
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

/** The URL of a channel: `base` is a server's, with http or ws and perhaps a path before the channel's. */
export function buildUrl(base: string, path: string, query: Readonly<Record<string, unknown>> = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((element) => element !== undefined)
      .map((element) => `${encodeURIComponent(name)}=${encodeURIComponent(String(element))}`),
  );
  const root = base.replace(/^http/, 'ws').replace(/\/+$/, '');
  return `${root}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}

/** The texts of each name, in order; `search` begins with `?` where there is a query. */
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

/** Text that is of none of its types stays text: the check then says what was expected. */
function convert(texts: readonly string[], { one, many }: ValueTypes): unknown {
  const isList = one === undefined || texts.length > 1;
  const values = texts.map((text) => convertOne(text, (isList ? many : undefined) ?? one ?? []));
  return isList ? values : values[0];
}

function convertOne(text: string, types: readonly ScalarType[]): unknown {
  if (types.includes('null') && text === 'null') return null;
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (types.includes('number') && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) {
    // Where it may be text too, only what the number itself would be written as is the number: 007 stays text.
    if (!types.includes('string') || String(Number(text)) === text) return Number(text);
  }
  return text;
}

/** An own property, whatever its name is. */
function set(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}
