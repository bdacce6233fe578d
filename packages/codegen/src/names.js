/**
 * @file Names and literals in generated code, made from names and values in a document.
 */

/** What TypeScript lets nobody declare as a type, or reads as something else where a type stands. */
const KEYWORDS =
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with implements interface let package private protected public static yield await eval arguments any unknown never undefined string number boolean bigint symbol object keyof unique readonly infer asserts is out abstract declare module namespace global require';

/** What generated modules of types use themselves. */
const USED = 'Record WithRequired Omit Pick Array ReadonlyArray Companion components paths operations webhooks';

const RESERVED = new Set([...KEYWORDS.split(' '), ...USED.split(' '), ...Object.getOwnPropertyNames(Object.prototype)]);

/** `turn_started`, `turn-started` or `turnStarted` as `TurnStarted`; `1m` as `_1m`. @param {string} name */
export function pascalCase(name) {
  const pascal = words(name)
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
  return /^\d/.test(pascal) ? `_${pascal}` : pascal;
}

/** `turn_started` or `TurnStarted` as `turnStarted`. @param {string} name */
export function camelCase(name) {
  const pascal = pascalCase(name);
  return pascal[0].toLowerCase() + pascal.slice(1);
}

/** The name of a schema's type: its own where code can have it, or one like it, such as `Default` for `default`. @param {string} name */
export function typeName(name) {
  if (/^[A-Za-z_$][\w$]*$/.test(name) && !RESERVED.has(name)) return name;
  const pascal = pascalCase(name);
  return RESERVED.has(pascal) ? `${pascal}_` : pascal;
}

/** A property key: quoted only where it must be; `__proto__` would be something else without brackets. @param {string} name */
export function propertyKey(name) {
  if (name === '__proto__') return `['__proto__']`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

/** The code that reads a property, after an expression: `.name` or `['name']`. @param {string} name */
export function access(name) {
  return propertyKey(name) === name ? `.${name}` : `[${quote(name)}]`;
}

/** A string literal in single quotes. @param {string} text */
export function quote(text) {
  const body = JSON.stringify(text).slice(1, -1);
  return `'${body.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A JSON value as code. @param {any} value @returns {string} */
export function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => {
    return `${key === '__proto__' ? propertyKey(key) : JSON.stringify(key)}:${literal(member)}`;
  });
  return `{${members.join(',')}}`;
}

/** A block comment for people who hover over the name; empty without a text. @param {string | undefined} text @param {string} [indent] */
export function docstring(text, indent = '') {
  if (text === undefined || text.trim() === '') return '';
  const lines = text.trim().replaceAll('*/', '* /').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

/** Refuses names that would be one in code. @param {Iterable<[name: string, code: string]>} names */
export function refuseSameNames(names) {
  const known = new Map();
  for (const [name, code] of names) {
    if (known.has(code)) throw new Error(`${known.get(code)} and ${name} would both be ${code} in code.`);
    known.set(code, name);
  }
}

/** @param {string} name */
function words(name) {
  const found = name.match(/[A-Za-z0-9]+/g);
  if (found === null) throw new Error(`No name for code can be made of ${JSON.stringify(name)}.`);
  return found;
}
