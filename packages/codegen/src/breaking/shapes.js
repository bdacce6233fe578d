/**
 * @file A schema as its shapes: the alternatives that a value may have, each of one type, with everything that `$ref`,
 * `allOf` and the unions say brought together. It is what two schemas are compared by.
 */
import { formats } from '../schemas/formats.js';
import { makeTolerant } from '../schemas/tolerant.js';
import { inside } from './contract.js';
import { intersect, LOWER, lazy, UPPER } from './intersect.js';

/**
 * @typedef {object} Side One end of an exchange.
 * @property {import('./contract.js').Contract} contract
 * @property {'strict' | 'tolerant'} mode
 * @property {(place: string) => Node} node The schema at a place.
 *
 * @typedef {object} Node A schema, or what is put together of several.
 * @property {string} place
 * @property {() => Shape[]} shapes
 *
 * @typedef {object} Shape
 * @property {string | undefined} type Undefined: any.
 * @property {string} place
 * @property {{list: any[], place: string} | undefined} values The only ones.
 * @property {Map<string, {value: any, place: string}>} bounds By keyword.
 * @property {{regexp: RegExp, what: string, place: string}[]} patterns
 * @property {Node[]} items Each item must fit them all.
 * @property {Map<string, Node>} properties
 * @property {Map<string, string>} required The place that says so, by name.
 * @property {{names: Set<string>, place: string}[]} closed Sets of names; a name must be in all of them.
 * @property {Node[]} names What names must fit.
 * @property {{property: string, tags: Set<string>} | undefined} open A variant that nobody knows yet.
 * @property {any} default
 */

const TYPES = ['null', 'boolean', 'string', 'number', 'array', 'object'];
const KEYWORDS = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
};
const KNOWN = new Set([
  ...Object.values(KEYWORDS).flat(),
  ...['$ref', 'type', 'const', 'enum', 'allOf', 'anyOf', 'oneOf'],
  ...['$comment', 'title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly'],
]);

/** A contract may be compared with many others. @type {WeakMap<import('./contract.js').Contract, Map<string, Side>>} */
const sides = new WeakMap();

/**
 * @param {import('./contract.js').Contract} contract
 * @param {Side['mode']} mode Strict for what sends and for a server that reads, tolerant for a client that reads.
 * @returns {Side}
 */
export function createSide(contract, mode) {
  const made = sides.get(contract) ?? new Map();
  sides.set(contract, made);
  if (!made.has(mode)) made.set(mode, newSide(contract, mode));
  return made.get(mode);
}

function newSide(contract, mode) {
  const nodes = new Map();
  /** @param {string} place @param {any} schema @returns {Node} */
  const nodeOf = (place, schema) => lazy(place, () => shapesOf(place, schema));
  const side = { contract, mode, node };
  return side;

  function node(place) {
    if (!nodes.has(place)) {
      const schema = contract.value(place);
      nodes.set(place, nodeOf(place, mode === 'tolerant' ? makeTolerant(schema) : schema));
    }
    return nodes.get(place);
  }

  function shapesOf(place, schema) {
    if (schema === true || schema === undefined) return [emptyShape(place, undefined)];
    if (schema === false) return [];
    refuseUnknown(place, schema);
    const at = (...keys) =>
      nodeOf(
        inside(place, ...keys),
        keys.reduce((part, key) => part[key], schema),
      );
    const parts = [ownShapes(place, schema, at)];
    if (schema.$ref !== undefined) parts.push(node(contract.follow(place)).shapes());
    for (const index of (schema.allOf ?? []).keys()) parts.push(at('allOf', index).shapes());
    for (const keyword of ['anyOf', 'oneOf']) {
      if (schema[keyword] === undefined) continue;
      const variants = schema[keyword].map((_, index) => at(keyword, index));
      parts.push(unionShapes(place, variants, mode === 'tolerant' && schema['x-extensible'] === true));
    }
    return parts.reduce(intersect).map((shape) => ({ ...shape, default: schema.default ?? shape.default }));
  }
}

/** A node that is a union of others. @param {string} place @param {Node[]} variants @returns {Node} */
export function unionNode(place, variants) {
  return lazy(place, () => unionShapes(place, variants, false));
}

/**
 * A node that is an object put together of parts that stand in several places of a document, such as the parameters of
 * a query.
 *
 * @param {string} place
 * @param {{name: string, node: Node, required: boolean, place: string}[]} members
 * @param {boolean} isClosed Whether other names are refused.
 * @returns {Node}
 */
export function objectNode(place, members, isClosed) {
  const shape = emptyShape(place, 'object');
  for (const member of members) {
    shape.properties.set(member.name, member.node);
    if (member.required) shape.required.set(member.name, member.place);
  }
  if (isClosed) shape.closed.push({ names: new Set(shape.properties.keys()), place });
  return lazy(place, () => [shape]);
}

/** A node that takes everything. @param {string} place @returns {Node} */
export function anythingNode(place) {
  return lazy(place, () => [emptyShape(place, undefined)]);
}

/**
 * The values that a required property can only have in a shape; none where they are not listed.
 *
 * @param {Shape} shape
 * @param {string} name
 */
export function tagsOf(shape, name) {
  if (shape.type !== 'object' || !shape.required.has(name)) return [];
  const shapes = shape.properties.get(name)?.shapes() ?? [];
  return shapes.every(({ values }) => values !== undefined) ? shapes.flatMap(({ values }) => values.list) : [];
}

/** The shape for each type, where a schema leaves the type open. @param {Shape} shape */
export function splitByType(shape) {
  return shape.type === undefined ? TYPES.map((type) => ({ ...shape, type })) : [shape];
}

function emptyShape(place, type) {
  return {
    type,
    place,
    values: undefined,
    bounds: new Map(),
    patterns: [],
    items: [],
    properties: new Map(),
    required: new Map(),
    closed: [],
    names: [],
    open: undefined,
    default: undefined,
  };
}

function refuseUnknown(place, schema) {
  for (const keyword of Object.keys(schema)) {
    if (!KNOWN.has(keyword) && !keyword.startsWith('x-')) {
      throw new Error(`The keyword ${keyword} of ${place} is not one that this comparison knows.`);
    }
  }
  if (typeof schema.additionalProperties === 'object') {
    throw new Error(`additionalProperties of ${place} is a schema, which this comparison does not know.`);
  }
}

/** What the schema says itself. */
function ownShapes(place, schema, at) {
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const used = Object.keys(KEYWORDS).filter((type) => KEYWORDS[type].some((keyword) => keyword in schema));
  const free = values === undefined ? (used.length === 0 ? [undefined] : TYPES) : [...new Set(values.map(typeOf))];
  return [schema.type ?? free].flat().map((type) => {
    const shape = emptyShape(place, type);
    if (values !== undefined) {
      const keyword = schema.enum === undefined ? 'const' : 'enum';
      const list = values.filter((value) => fitsType(value, type));
      shape.values = { list, place: inside(place, keyword) };
    }
    for (const keyword of [...LOWER, ...UPPER, 'multipleOf', 'uniqueItems']) {
      if (schema[keyword] === undefined || schema[keyword] === false) continue;
      shape.bounds.set(keyword, { value: schema[keyword], place: inside(place, keyword) });
    }
    if (schema.pattern !== undefined) {
      const regexp = new RegExp(schema.pattern, 'u');
      shape.patterns.push({ regexp, what: `the pattern ${schema.pattern}`, place: inside(place, 'pattern') });
    }
    if (schema.format in formats) {
      const { pattern, what } = formats[schema.format];
      shape.patterns.push({ regexp: pattern, what, place: inside(place, 'format') });
    }
    if (schema.items !== undefined) shape.items.push(at('items'));
    for (const name of Object.keys(schema.properties ?? {})) shape.properties.set(name, at('properties', name));
    for (const [index, name] of (schema.required ?? []).entries()) {
      shape.required.set(name, inside(place, 'required', index));
    }
    if (schema.additionalProperties === false) {
      shape.closed.push({ names: new Set(Object.keys(schema.properties ?? {})), place });
    }
    if (schema.propertyNames !== undefined) shape.names.push(at('propertyNames'));
    return shape;
  });
}

function unionShapes(place, variants, isExtensible) {
  const shapes = variants.map((variant) => variant.shapes());
  const property = discriminator(shapes);
  if (property === undefined) {
    if (isExtensible) return [emptyShape(place, undefined)];
    const types = shapes.flatMap((list) => [
      ...new Set(list.map(({ type }) => (type === 'integer' ? 'number' : type))),
    ]);
    if (types.includes(undefined) || new Set(types).size < types.length) {
      throw new Error(`The variants of ${place} cannot be told apart, by a property or by their types.`);
    }
    return shapes.flat();
  }
  const tags = new Set(shapes.flat().flatMap((shape) => tagsOf(shape, property)));
  const unknown = isExtensible ? [{ ...emptyShape(place, 'object'), open: { property, tags } }] : [];
  return [...shapes.flat(), ...unknown];
}

/** The property that tells variants apart, each of which is one object. */
function discriminator(shapes) {
  if (shapes.some(([shape, ...others]) => shape?.type !== 'object' || others.length > 0)) return undefined;
  return [...(shapes[0]?.[0].properties.keys() ?? [])].find((name) => {
    const tags = shapes.map(([shape]) => tagsOf(shape, name));
    return tags.every((list) => list.length > 0) && new Set(tags.flat()).size === tags.flat().length;
  });
}

function typeOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function fitsType(value, type) {
  if (type === undefined) return true;
  return type === 'integer' ? Number.isInteger(value) : typeOf(value) === type;
}
