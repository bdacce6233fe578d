/**
 * @file Where a JSON Schema (2020-12) holds schemas: one place that knows, for everything that walks or rewrites them.
 */

import { keysOf } from '../pointer.js';

const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const SINGLE = [
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'dispatch'];

/**
 * A copy of a schema whose direct subschemas went through `change`; the schema's own keywords stay as they are.
 *
 * @param {any} schema
 * @param {(subschema: any, keyword: string) => any} change
 */
export function mapSubschemas(schema, change) {
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = { ...schema };
  for (const keyword of MAPS) {
    if (!isObject(copy[keyword])) continue;
    copy[keyword] = Object.fromEntries(Object.entries(copy[keyword]).map(([key, sub]) => [key, change(sub, keyword)]));
  }
  for (const keyword of SINGLE) {
    if (isObject(copy[keyword])) copy[keyword] = change(copy[keyword], keyword);
  }
  for (const keyword of LISTS) {
    if (Array.isArray(copy[keyword])) copy[keyword] = copy[keyword].map((sub) => change(sub, keyword));
  }
  return copy;
}

/**
 * Visits a schema and every schema inside it, not following references.
 *
 * @param {any} schema
 * @param {(schema: any, path: string[]) => void} visit
 * @param {string[]} [path]
 */
export function visitSchemas(schema, visit, path = []) {
  if (!isObject(schema)) return;
  visit(schema, path);
  for (const keyword of MAPS) {
    for (const [key, sub] of Object.entries(schema[keyword] ?? {})) visitSchemas(sub, visit, [...path, keyword, key]);
  }
  for (const keyword of SINGLE) visitSchemas(schema[keyword], visit, [...path, keyword]);
  for (const keyword of LISTS) {
    for (const [index, sub] of (schema[keyword] ?? []).entries())
      visitSchemas(sub, visit, [...path, keyword, `${index}`]);
  }
}

/** The reference to a named schema of the document. @param {string} name */
export function refTo(name) {
  return { $ref: `#/components/schemas/${name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25')}` };
}

/**
 * The name that a reference names.
 *
 * @param {string} ref
 * @param {string} [place] Where it stands, for people.
 * @throws where it points anywhere but at a named schema of the same document: bundle the document first.
 */
export function refName(ref, place) {
  const keys = keysOf(ref);
  if (!ref.startsWith('#/') || keys.length !== 3 || keys[0] !== 'components' || keys[1] !== 'schemas') {
    const at = place === undefined ? '' : `${place}: `;
    throw new Error(`${at}${ref} is not a reference to a schema of #/components/schemas; bundle the document first.`);
  }
  return keys[2];
}

/**
 * The schema behind a reference, or the schema itself; keywords beside a `$ref` are not merged in.
 *
 * @param {any} schema
 * @param {Record<string, any>} schemas
 */
export function dereference(schema, schemas) {
  const seen = new Set();
  let found = schema;
  while (isObject(found) && typeof found.$ref === 'string') {
    const name = refName(found.$ref);
    if (seen.has(name)) throw new Error(`${name} refers to itself.`);
    seen.add(name);
    found = schemaOf(name, schemas);
  }
  return found;
}

/** Whether every value that a schema allows is an object. @param {any} schema @param {Record<string, any>} schemas @returns {boolean} */
export function isObjectAlone(schema, schemas) {
  const found = dereference(schema, schemas);
  if (typeof found !== 'object' || found === null) return false;
  if (found.type !== undefined) return [found.type].flat().every((type) => type === 'object');
  const isOne = (part) => isObjectAlone(part, schemas);
  return (
    (found.allOf ?? []).some(isOne) || [found.anyOf, found.oneOf].some((list) => list?.length > 0 && list.every(isOne))
  );
}

/**
 * The names of the schemas that some schemas need, in the order of the document.
 *
 * @param {any[]} roots
 * @param {Record<string, any>} schemas
 */
export function reachable(roots, schemas) {
  const names = new Set();
  const queue = roots.map((schema) => ({ schema, place: [] }));
  for (const { schema: root, place } of queue) {
    visitSchemas(root, (schema, path) => {
      if (typeof schema.$ref !== 'string') return;
      const name = refName(schema.$ref, place.length === 0 ? undefined : [...place, ...path].join('/'));
      if (names.has(name)) return;
      names.add(name);
      queue.push({ schema: schemaOf(name, schemas), place: [name] });
    });
  }
  return Object.keys(schemas).filter((name) => names.has(name));
}

/** The keywords whose schemas are asked of the same value. */
const OF_THE_SAME_VALUE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];

/**
 * Refuses schemas that no value can answer: each asks another one of the same value, until the first is asked again.
 *
 * @param {Record<string, any>} schemas
 */
export function refuseCircles(schemas) {
  const done = new Set();
  const follow = (name, trail) => {
    if (trail.includes(name)) {
      const circle = [...trail.slice(trail.indexOf(name)), name].join(' → ');
      throw new Error(`${name} refers to itself (${circle}), with no property or item between.`);
    }
    if (done.has(name)) return;
    for (const next of sameValueRefs(schemas[name])) if (Object.hasOwn(schemas, next)) follow(next, [...trail, name]);
    done.add(name);
  };
  for (const name of Object.keys(schemas)) follow(name, []);
}

function sameValueRefs(schema) {
  if (!isObject(schema)) return [];
  const own = typeof schema.$ref === 'string' ? [keysOf(schema.$ref)[2]] : [];
  const parts = OF_THE_SAME_VALUE.flatMap((keyword) => {
    const part = schema[keyword];
    return isObject(part) && keyword !== 'dependentSchemas' && !Array.isArray(part)
      ? [part]
      : Object.values(part ?? {});
  });
  return [...own, ...parts.flatMap((part) => sameValueRefs(part))];
}

function schemaOf(name, schemas) {
  if (!Object.hasOwn(schemas, name)) throw new Error(`There is no schema named ${name}.`);
  return schemas[name];
}

/** @param {unknown} value */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
