/**
 * @file Where a JSON Schema (2020-12) holds schemas: one place that knows, for everything that walks or rewrites them.
 */

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

const REF = '#/components/schemas/';

/** The reference to a named schema of the document. @param {string} name */
export function refTo(name) {
  return { $ref: REF + name };
}

/**
 * The name that a reference names.
 *
 * @param {string} ref
 * @throws where it points anywhere but at a named schema of the same document: bundle the document first.
 */
export function refName(ref) {
  if (!ref.startsWith(REF) || ref.slice(REF.length).includes('/')) {
    throw new Error(`${ref} is not a reference to a schema of #/components/schemas; bundle the document first.`);
  }
  return ref.slice(REF.length);
}

/**
 * The schema behind a reference, or the schema itself; keywords beside a `$ref` are not merged in.
 *
 * @param {any} schema
 * @param {Record<string, any>} schemas
 */
export function dereference(schema, schemas) {
  let found = schema;
  while (isObject(found) && typeof found.$ref === 'string') {
    const name = refName(found.$ref);
    found = schemas[name];
    if (found === undefined) throw new Error(`There is no schema named ${name}.`);
  }
  return found;
}

/**
 * The names of the schemas that some schemas need, in the order of the document.
 *
 * @param {any[]} roots
 * @param {Record<string, any>} schemas
 */
export function reachable(roots, schemas) {
  const names = new Set();
  const queue = [...roots];
  for (const root of queue) {
    visitSchemas(root, (schema) => {
      if (typeof schema.$ref !== 'string') return;
      const name = refName(schema.$ref);
      if (names.has(name)) return;
      if (schemas[name] === undefined) throw new Error(`There is no schema named ${name}.`);
      names.add(name);
      queue.push(schemas[name]);
    });
  }
  return Object.keys(schemas).filter((name) => names.has(name));
}

/** @param {unknown} value */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
