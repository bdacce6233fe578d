/**
 * @file Edits that nobody thought of: one schema of the documents, changed in one way.
 */
import { visitSchemas } from '../../../src/schemas/walk.js';

const LOWER = ['minLength', 'minimum', 'minItems', 'minProperties'];
const UPPER = ['maxLength', 'maximum', 'maxItems', 'maxProperties'];
const SCALARS = ['string', 'integer', 'boolean'];

/** Each changes a schema and says what it did; nothing where it does not apply. @type {Record<string, (schema: any, choose: (list: any[]) => any) => string | undefined>} */
const operators = {
  shift(schema, choose) {
    const keyword = choose([...LOWER, ...UPPER].filter((name) => schema[name] > 1));
    if (keyword === undefined) return undefined;
    schema[keyword] += choose([1, -1]);
    return `${keyword} becomes ${schema[keyword]}`;
  },
  free(schema, choose) {
    const keyword = choose([...LOWER, ...UPPER, 'pattern', 'format', 'enum'].filter((name) => name in schema));
    delete schema[keyword];
    return keyword && `${keyword} goes`;
  },
  bind(schema, choose) {
    const [keyword, value] =
      { string: ['minLength', 2], integer: ['maximum', 1_000], array: ['minItems', 1] }[schema.type] ?? [];
    if (keyword === undefined || keyword in schema || schema.enum !== undefined || schema.const !== undefined)
      return undefined;
    schema[keyword] = choose([value]);
    return `${keyword} comes`;
  },
  need(schema, choose) {
    const name = choose(Object.keys(schema.properties ?? {}).filter((one) => !schema.required?.includes(one)));
    if (name === undefined) return undefined;
    schema.required = [...(schema.required ?? []), name];
    return `${name} is needed`;
  },
  spare(schema, choose) {
    const name = choose((schema.required ?? []).filter((one) => one !== 'type'));
    if (name === undefined) return undefined;
    schema.required = schema.required.filter((one) => one !== name);
    return `${name} may be missing`;
  },
  remove(schema, choose) {
    const name = choose(Object.keys(schema.properties ?? {}).filter((one) => one !== 'type'));
    if (name === undefined) return undefined;
    delete schema.properties[name];
    schema.required = schema.required?.filter((one) => one !== name);
    return `${name} goes`;
  },
  add(schema) {
    if (schema.properties === undefined) return undefined;
    schema.properties.brand_new = { type: 'string' };
    return 'brand_new comes';
  },
  addValue(schema) {
    return schema.enum?.push('brand_new') && 'a value comes';
  },
  dropValue(schema) {
    return schema.enum?.length > 1 ? `${schema.enum.pop()} goes` : undefined;
  },
  dropVariant(schema) {
    return schema.oneOf?.length > 2 ? `${schema.oneOf.pop().$ref} goes` : undefined;
  },
  addNull(schema) {
    if (!SCALARS.includes(schema.type) || schema.enum !== undefined || schema.const !== undefined) return undefined;
    schema.type = [schema.type, 'null'];
    return 'null comes';
  },
  dropType(schema) {
    if (!Array.isArray(schema.type)) return undefined;
    schema.type = schema.type[0];
    return `only ${schema.type} stays`;
  },
};

/**
 * Edits the documents in one place.
 *
 * @param {{openapi: any, asyncapi: any}} documents
 * @param {() => number} random From 0 up to 1.
 * @returns {string} Where and what.
 */
export function editAtRandom({ openapi, asyncapi }, random) {
  const choose = (list) => list[Math.floor(random() * list.length)];
  const schemas = [];
  for (const { components } of [openapi, asyncapi]) {
    for (const [name, root] of Object.entries(components.schemas)) {
      // Answers narrow the codes and the properties of errors: without them no answer would be left.
      if (name.startsWith('Error')) continue;
      visitSchemas(root, (schema, path) => schemas.push({ place: [name, ...path].join('/'), schema }));
    }
  }
  for (;;) {
    const { place, schema } = choose(schemas);
    const done = schema.$ref === undefined ? choose(Object.values(operators))(schema, choose) : undefined;
    if (done) return `${place}: ${done}`;
  }
}

/** Numbers that a seed decides. @param {number} seed @returns {() => number} */
export function createRandom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
