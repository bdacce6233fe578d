/**
 * @file Values that a schema allows, chosen and not drawn: at each bound, of each variant, with and without each
 * property. The same schema always has the same ones.
 */
import { shortestMatch } from './language.js';
import { splitByType } from './shapes.js';

/** Tried before a pattern is asked for its shortest text, which is seldom one that people would write. */
const READABLE = ['a', '0', 'http://127.0.0.1/', 'image/png', '550e8400-e29b-41d4-a716-446655440000', 'abc'];
/** What one pattern lets pass and another one may not. */
const VARIED = ['A', 'a b', '-', '\u{1f600}'];
/** What stands for no bound; lists with a greater one are not stretched to it. */
const LONGEST_TEXT = 1_100_000;
const LONGEST_LIST = 2_000;
const MANY_PROPERTIES = 300;
const GREATEST_NUMBER = 2 ** 52;
/** So many samples of items share a list: one of them that is refused is enough. */
const ITEMS_TOGETHER = 16;

/** @type {WeakMap<import('./shapes.js').Node, any>} */
const known = new WeakMap();
/** @type {WeakMap<import('./shapes.js').Node, any[]>} */
const all = new WeakMap();
/** @type {Map<string, string>} */
const stretched = new Map();

/** One of the smallest values of a node; undefined where it allows none. @param {import('./shapes.js').Node} node */
export function smallest(node) {
  const [shape] = node.shapes();
  if (!known.has(node)) known.set(node, shape === undefined ? undefined : smallestOf(shape));
  return known.get(node);
}

/** One of the smallest values of a shape. @param {import('./shapes.js').Shape} shape @returns {any} */
export function smallestOf(shape) {
  if (shape.values !== undefined) return shape.values.list[0];
  if (shape.type === 'string') return textOf(shape, bound(shape, 'minLength', 0)) ?? '';
  if (shape.type === 'integer' || shape.type === 'number') return smallestNumber(shape);
  if (shape.type === 'array') return listOf(shape, bound(shape, 'minItems', 0));
  if (shape.type === 'object') return smallestObject(shape);
  if (shape.type === 'boolean') return false;
  return null;
}

/**
 * @param {import('./shapes.js').Node} node
 * @returns {any[]} Values of every shape: its smallest, its greatest, and each sample of each part in an otherwise
 * small one; items share lists.
 */
export function samplesOf(node) {
  if (!all.has(node)) all.set(node, node.shapes().flatMap(splitByType).flatMap(samplesOfShape));
  return all.get(node);
}

/**
 * A text of so many characters that a shape allows; undefined where none is found.
 *
 * @param {import('./shapes.js').Shape} shape
 * @param {number} length
 */
export function textOf({ patterns }, length) {
  const fits = (text) => patterns.every(({ regexp }) => regexp.test(text));
  const readable = READABLE.filter(fits);
  const seeds = readable.length > 0 ? readable : patterns.map(({ regexp }) => shortestMatch(regexp)).filter(fits);
  for (const seed of seeds) {
    const text = stretch(seed, length);
    const cut = fits(text.slice(0, length)) ? text.slice(0, length) : text;
    if (cut.length >= length && fits(cut)) return cut;
  }
  return undefined;
}

/** A text with its last character repeated; each long one is kept once. */
function stretch(text, length) {
  if (text.length >= length) return text;
  const key = `${length} ${text}`;
  if (!stretched.has(key)) stretched.set(key, text + (text.at(-1) ?? 'a').repeat(length - text.length));
  return stretched.get(key);
}

/** An array of so many items. @param {import('./shapes.js').Shape} shape @param {number} length */
export function listOf({ items }, length) {
  const item = items.length === 0 ? null : smallest(items[0]);
  return Array.from({ length }, () => item);
}

/**
 * A small object that has a property with a value.
 *
 * @param {import('./shapes.js').Shape} shape
 * @param {string} name
 * @param {any} value
 */
export function objectWith(shape, name, value) {
  return { ...smallestOf(shape), [name]: value };
}

function samplesOfShape(shape) {
  if (shape.values !== undefined) return shape.values.list;
  if (shape.type === 'string') return textSamples(shape);
  if (shape.type === 'integer' || shape.type === 'number') return numberSamples(shape);
  if (shape.type === 'array') return listSamples(shape);
  if (shape.type === 'object') return objectSamples(shape);
  return shape.type === 'boolean' ? [true, false] : [null];
}

function textSamples(shape) {
  const [least, most] = [bound(shape, 'minLength', 0), bound(shape, 'maxLength', LONGEST_TEXT)];
  const varied = VARIED.filter((text) => shape.patterns.every(({ regexp }) => regexp.test(text)));
  const texts = [smallestOf(shape), textOf(shape, least), textOf(shape, most), ...varied];
  const fits = (text) => text !== undefined && lengthOf(text) <= most && lengthOf(text) >= least;
  return [...new Set(texts.filter(fits))];
}

/** Characters, as JSON Schema counts them; only short texts hold any that are two units long. */
function lengthOf(text) {
  return text.length > 2 ? text.length : [...text].length;
}

function numberSamples(shape) {
  const least = smallestNumber(shape);
  const below = bound(shape, 'exclusiveMaximum', GREATEST_NUMBER + 1) - 1;
  const most = Math.min(bound(shape, 'maximum', GREATEST_NUMBER), below);
  const middle = shape.type === 'number' && !shape.bounds.has('multipleOf') ? [least + 0.5] : [];
  const isOpen = !shape.bounds.has('minimum') && !shape.bounds.has('exclusiveMinimum');
  const negative = isOpen ? [Math.min(least, most) - (shape.bounds.get('multipleOf')?.value ?? 1)] : [];
  return [...new Set([...negative, ...[least, ...middle, most].filter((value) => value >= least)])];
}

function listSamples(shape) {
  const least = bound(shape, 'minItems', 0);
  const most = bound(shape, 'maxItems', LONGEST_LIST);
  const items = shape.items.length === 0 ? [null] : samplesOf(shape.items[0]);
  const size = shape.bounds.has('uniqueItems') ? 1 : Math.min(ITEMS_TOGETHER, most);
  const lists = chunksOf(items, size).map((chunk) => [...chunk, ...listOf(shape, Math.max(0, least - chunk.length))]);
  const longest = most <= LONGEST_LIST && !shape.bounds.has('uniqueItems') ? [listOf(shape, most)] : [];
  return [listOf(shape, least), ...lists, ...longest];
}

function chunksOf(values, size) {
  return Array.from({ length: size === 0 ? 0 : Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

function objectSamples(shape) {
  const names = [...shape.properties.keys()].filter((name) => isAllowed(shape, name));
  const whole = { ...smallestOf(shape) };
  for (const name of names) whole[name] ??= smallest(shape.properties.get(name));
  const single = names.flatMap((name) =>
    samplesOf(shape.properties.get(name)).map((value) => objectWith(shape, name, value)),
  );
  return [smallestOf(shape), whole, ...single, ...freeSamples(shape)];
}

/** With names that the schema does not list, where it allows them. */
function freeSamples(shape) {
  if (shape.closed.length > 0) return [];
  const small = smallestOf(shape);
  const most = bound(shape, 'maxProperties', MANY_PROPERTIES) - Object.keys(small).length;
  const many = Object.fromEntries(Array.from({ length: most }, (_, index) => [`unlisted_${index}`, 1]));
  const [names] = shape.names.flatMap((node) => node.shapes()).filter(({ type }) => type === 'string');
  const long = names === undefined ? undefined : textOf(names, bound(names, 'maxLength', 64));
  return [{ ...small, ...many }, ...(long === undefined ? [] : [{ ...small, [long]: 1 }])];
}

function smallestNumber(shape) {
  const above = shape.bounds.get('exclusiveMinimum')?.value;
  const least = bound(shape, 'minimum', above === undefined ? Math.min(0, bound(shape, 'maximum', 0)) : above + 1);
  const step = shape.bounds.get('multipleOf')?.value;
  return step === undefined ? least : Math.ceil(least / step) * step;
}

function smallestObject(shape) {
  const value = {};
  for (const name of shape.required.keys()) {
    value[name] = shape.properties.has(name) ? smallest(shape.properties.get(name)) : null;
  }
  const least = bound(shape, 'minProperties', 0);
  for (const [name, node] of shape.properties) {
    if (Object.keys(value).length >= least) break;
    if (isAllowed(shape, name)) value[name] ??= smallest(node);
  }
  return value;
}

function isAllowed({ closed }, name) {
  return closed.every(({ names }) => names.has(name));
}

function bound({ bounds }, keyword, otherwise) {
  return bounds.get(keyword)?.value ?? otherwise;
}
