/**
 * @file Compiles schemas ahead of time into calls of the modules of `contract/src/validate`: no schema is read and no code
 * evaluated at run time, and what a program does not use falls out of its bundle.
 */
import { literal, propertyKey, quote, typeName } from '../names.js';
import { call } from './code.js';
import { createConstants } from './constants.js';
import { makeTolerant } from './tolerant.js';
import { compileTyped, KEYWORDS_OF, typesOf } from './typed.js';
import { discriminate } from './union.js';
import { dereference, isObjectAlone, reachable, refName } from './walk.js';

const ANNOTATIONS = new Set([
  ...[
    '$comment',
    '$schema',
    '$id',
    '$defs',
    'definitions',
    'title',
    'description',
    'default',
    'examples',
    'example',
    'deprecated',
  ],
  ...['readOnly', 'writeOnly', 'externalDocs', 'discriminator', 'xml'],
  ...['contentEncoding', 'contentMediaType', 'contentSchema', 'format'],
]);

const GENERAL = ['$ref', 'type', 'const', 'enum', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'];
const TYPED = Object.values(KEYWORDS_OF).flat();
const KNOWN = new Set([...GENERAL, ...TYPED]);

/** The name of the function that checks a root or a named schema. @param {string} name */
export function checkName(name) {
  const type = typeName(name);
  return `check${type[0].toUpperCase()}${type.slice(1)}`;
}

/**
 * @param {object} input
 * @param {Record<string, any>} input.roots The schemas to compile, by name. One that refers to the schema of its name is that schema.
 * @param {Record<string, any>} input.schemas The named schemas that they refer to.
 * @param {'strict' | 'tolerant'} input.mode
 * @param {Record<string, string>} [input.places] Where a schema stands, where its name does not say it.
 * @returns {string} Declarations of an exported check for each root and for each named schema that one needs.
 */
export function compileSchemas({ roots, schemas, mode, places = {} }) {
  const derive = mode === 'tolerant' ? makeTolerant : (schema) => schema;
  const derived = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, derive(schema)]));
  const compiler = createCompiler(derived, mode, places);
  const names = reachable(Object.values(roots), schemas);
  for (const name of names) compiler.declare(name, derived[name]);
  for (const [name, schema] of Object.entries(roots)) {
    const isSchema = schema.$ref !== undefined && refName(schema.$ref) === name;
    if (!isSchema) compiler.declare(name, derive(schema));
  }
  return compiler.text();
}

/**
 * Compiles a schema of which no code is needed, for what would be refused in it.
 *
 * @param {any} schema
 * @param {Record<string, any>} schemas
 * @param {string} place
 */
export function checkSchema(schema, schemas, place) {
  const compiler = createCompiler(schemas, 'strict');
  compiler.check(schema, [place]);
  for (const name of reachable([schema], schemas)) compiler.declare(name, schemas[name]);
}

/**
 * @typedef {object} Compiler
 * @property {(schema: any, place: string[]) => string} check The code of a check, an expression.
 * @property {(expression: string, place: string[]) => string} constant A name for an expression; the same one for the same text.
 * @property {(body: string, place: string[], name?: string) => string} declareFunction Its name: the one given, or one made of the place.
 * @property {(place: string[]) => string} where A place for people.
 * @property {(schema: any, property: string, place: string[]) => string} variant The check of a variant of a union that has seen
 *   to the property that tells its variants apart.
 * @property {Record<string, any>} schemas
 */

function createCompiler(schemas, mode, places = {}) {
  const constants = createConstants();
  const functions = new Map();
  const exported = new Map();
  /** The named schemas that are being compiled, each inside of the one before. */
  const within = new Set();
  /** What named schemas consist of, once a reference has asked for it. @type {Map<string, string[]>} */
  const referred = new Map();

  const compiler = {
    schemas,
    check,
    variant(part, property, place) {
      const untagged = untag(dereference(part, schemas), property);
      if (part.$ref === undefined) return check(untagged, place);
      const name = refName(part.$ref, compiler.where(place));
      return within.has(name) ? checkName(name) : inside(name, () => check(untagged, [name, 'variant']));
    },
    constant: constants.name,
    where: ([name, ...path]) => [places[name] ?? name, ...path].join('/'),
    declareFunction(body, place, name) {
      const chosen = name ?? constants.function('object', place);
      functions.set(
        chosen,
        `${name === undefined ? '' : 'export '}function ${chosen}(value: any, problems: Problem[]): void {\n${body}}\n`,
      );
      return chosen;
    },
    declare(name, schema) {
      const chosen = checkName(name);
      if (exported.has(chosen)) throw new Error(`${name} and ${exported.get(chosen)} would both be ${chosen} in code.`);
      exported.set(chosen, name);
      const parts = referred.get(name) ?? inside(name, () => partsOf(schema, [name], chosen));
      referred.set(name, parts);
      if (functions.has(chosen)) return;
      compiler.declareFunction(parts.map((part) => `  ${part}(value, problems);\n`).join(''), [name], chosen);
    },
    text() {
      return `${constants.text()}\n${[...functions.values()].join('\n')}`;
    },
  };

  function check(schema, place) {
    const parts = partsOf(schema, place);
    if (parts.length === 0) return 'anything';
    return parts.length === 1 ? parts[0] : compiler.constant(`all(${parts.join(', ')})`, place);
  }

  /** The checks that a value must all pass. With `name`, the function that is declared may be one of them. */
  function partsOf(schema, place, name) {
    if (schema === true) return [];
    if (schema === false) return ['nothing'];
    for (const keyword of Object.keys(schema)) {
      if (!KNOWN.has(keyword) && !ANNOTATIONS.has(keyword) && !keyword.startsWith('x-')) {
        throw new Error(`The keyword ${keyword} of ${compiler.where(place)} is not supported.`);
      }
    }
    const parts = [];
    if (schema.$ref !== undefined) parts.push(...partsOfReference(refName(schema.$ref, compiler.where(place))));
    for (const [keyword, list] of listsOf(schema)) {
      parts.push(compiler.constant(`choice(${quote(keyword)}, ${literal(list)})`, place));
    }
    if (!listsOf(schema).some(([, values]) => saysAll(values, schema))) {
      const alone = Object.keys(schema).every((keyword) => !GENERAL.includes(keyword) || keyword === 'type');
      parts.push(...compileTyped(compiler, schema, place, alone ? name : undefined));
    }
    for (const [index, part] of (schema.allOf ?? []).entries()) {
      parts.push(...partsOf(part, [...place, 'allOf', `${index}`]));
    }
    if (schema.anyOf !== undefined) {
      const checks = schema.anyOf.map((part, index) => check(part, [...place, 'anyOf', `${index}`]));
      parts.push(compiler.constant(`some(${checks.join(', ')})`, place));
    }
    if (schema.oneOf !== undefined) parts.push(...compileUnion(compiler, schema, place, mode));
    if (schema.not !== undefined) parts.push(compiler.constant(`not(${check(schema.not, [...place, 'not'])})`, place));
    if (schema.if !== undefined) {
      const branches = ['if', 'then', 'else'].map((keyword) => check(schema[keyword] ?? true, [...place, keyword]));
      parts.push(compiler.constant(`when(${branches.join(', ')})`, place));
    }
    return parts.filter((part) => part !== 'anything');
  }

  /** The checks that a named schema consists of; its function where it refers to itself. */
  function partsOfReference(name) {
    if (within.has(name) || schemas[name] === undefined) return [checkName(name)];
    const parts = referred.get(name) ?? inside(name, () => partsOf(schemas[name], [name]));
    referred.set(name, parts);
    return parts;
  }

  function inside(name, compile) {
    within.add(name);
    try {
      return compile();
    } finally {
      within.delete(name);
    }
  }

  return compiler;
}

/** The lists of values that a schema has, by keyword. */
function listsOf(schema) {
  const lists = schema.enum === undefined ? [] : [['enum', schema.enum]];
  return schema.const === undefined ? lists : [['const', [schema.const]], ...lists];
}

/** Whether the values leave `type` nothing to say. */
function saysAll(values, schema) {
  if (TYPED.some((keyword) => keyword in schema)) return false;
  return values.every((value) => typesOf(schema).some((type) => isOfType(value, type)));
}

function isOfType(value, type) {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function compileUnion(compiler, schema, place, mode) {
  const extensible = mode === 'tolerant' && schema['x-extensible'] === true;
  const union = discriminate(schema, compiler.schemas);
  const checkEach = (check) => schema.oneOf.map((part, index) => check(part, [...place, 'oneOf', `${index}`]));
  // A single variant without a type takes whatever is no object, which a table of tags would not.
  const isTable =
    union !== undefined &&
    (schema.oneOf.length > 1 || schema['x-frames'] || isObjectAlone(schema.oneOf[0], compiler.schemas));
  if (isTable) {
    const checks = checkEach((part, at) => compiler.variant(part, union.property, at));
    const variants = union.tags.flatMap((tags, index) => tags.map((tag) => `${propertyKey(tag)}: ${checks[index]}`));
    const table = `{ ${variants.join(', ')} }`;
    return [compiler.constant(call('tagged', [quote(union.property), table, extensible || undefined]), place)];
  }
  const checks = checkEach(compiler.check);
  if (extensible) return [];
  // Without `additionalProperties: false` a value may fit several variants; with types of their own it fits one at most.
  const anyOf = mode === 'tolerant' || areDisjoint(schema.oneOf, compiler.schemas);
  const combine = anyOf ? 'some' : 'one';
  return [compiler.constant(`${combine}(${checks.join(', ')})`, place)];
}

/** A variant without its tag, which the union has seen to: it may be there, and be anything. */
function untag({ required, properties, ...schema }, property) {
  return {
    ...schema,
    properties: { ...properties, [property]: true },
    required: required.filter((name) => name !== property),
  };
}

function areDisjoint(variants, schemas) {
  const types = variants.map((variant) => [dereference(variant, schemas).type ?? []].flat());
  const all = types.flat().map((type) => (type === 'integer' ? 'number' : type));
  return types.every((list) => list.length > 0) && new Set(all).size === all.length;
}
