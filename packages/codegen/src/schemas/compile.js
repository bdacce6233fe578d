/**
 * @file Compiles schemas ahead of time into plain functions over `checks.ts`: nothing is interpreted, evaluated or
 * imported at run time, and what a program does not use falls out of its bundle.
 */
import { pascalCase, propertyKey, quote } from '../names.js';
import { formats } from './formats.js';
import { compileObject } from './objects.js';
import { makeTolerant } from './tolerant.js';
import { discriminate } from './union.js';
import { dereference, reachable, refName } from './walk.js';

const ANNOTATIONS = new Set([
  ...['$comment', '$schema', '$id', '$defs', 'title', 'description', 'default', 'examples', 'example', 'deprecated'],
  ...['readOnly', 'writeOnly', 'externalDocs', 'discriminator', 'xml'],
  ...['contentEncoding', 'contentMediaType', 'contentSchema', 'format'],
]);

const KEYWORDS_OF = {
  string: ['minLength', 'maxLength', 'pattern'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains'],
  object: [
    ...[
      'properties',
      'patternProperties',
      'additionalProperties',
      'unevaluatedProperties',
      'propertyNames',
      'required',
    ],
    ...['minProperties', 'maxProperties', 'dependentRequired', 'dependentSchemas'],
  ],
};

const GENERAL = ['$ref', 'type', 'const', 'enum', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'];
const KNOWN = new Set([...GENERAL, ...Object.values(KEYWORDS_OF).flat()]);

/** The name of the function that checks a root or a named schema. @param {string} name */
export function checkName(name) {
  return `check${/^[A-Za-z_$][\w$]*$/.test(name) ? name[0].toUpperCase() + name.slice(1) : pascalCase(name)}`;
}

/**
 * @param {object} input
 * @param {Record<string, any>} input.roots The schemas to compile, by name. One that refers to the schema of its name is that schema.
 * @param {Record<string, any>} input.schemas The named schemas that they refer to.
 * @param {'strict' | 'tolerant'} input.mode
 * @returns {string} Declarations of an exported check for each root and for each named schema that one needs.
 */
export function compileSchemas({ roots, schemas, mode }) {
  const derive = mode === 'tolerant' ? makeTolerant : (schema) => schema;
  const derived = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, derive(schema)]));
  const compiler = createCompiler(derived, mode);
  const names = reachable(Object.values(roots), schemas);
  for (const name of names) compiler.declare(name, derived[name]);
  for (const [name, schema] of Object.entries(roots)) {
    const isSchema = schema.$ref !== undefined && refName(schema.$ref) === name;
    if (!isSchema) compiler.declare(name, derive(schema));
  }
  return compiler.text();
}

/**
 * @typedef {object} Compiler
 * @property {(schema: any) => string} check The code of a check, an expression.
 * @property {(prefix: string, expression: string) => string} constant A name for an expression; the same one for the same text.
 * @property {(body: string, name?: string) => string} declareFunction
 * @property {Record<string, any>} schemas
 */

function createCompiler(schemas, mode) {
  const constants = new Map();
  const bodies = new Map();
  const functions = new Map();
  const exported = new Map();

  const compiler = {
    schemas,
    check,
    constant(prefix, expression) {
      if (!constants.has(expression)) constants.set(expression, `${prefix}${constants.size + 1}`);
      return constants.get(expression);
    },
    declareFunction(body, name) {
      if (name === undefined && bodies.has(body)) return bodies.get(body);
      const chosen = name ?? `object${bodies.size + 1}`;
      if (name === undefined) bodies.set(body, chosen);
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
      const parts = partsOf(schema, name, chosen);
      if (functions.has(chosen)) return;
      compiler.declareFunction(parts.map((part) => `  ${part}(value, problems);\n`).join(''), chosen);
    },
    text() {
      const lines = [...constants].map(([expression, name]) => `const ${name} = /* @__PURE__ */ ${expression};`);
      return `${lines.join('\n')}\n\n${[...functions.values()].join('\n')}`;
    },
  };

  function check(schema) {
    const parts = partsOf(schema, 'a schema');
    if (parts.length === 0) return 'anything';
    return parts.length === 1 ? parts[0] : compiler.constant('all', `all(${parts.join(', ')})`);
  }

  /** The checks that a value must all pass. With `name`, the function that is declared may be one of them. */
  function partsOf(schema, place, name) {
    if (schema === true) return [];
    if (schema === false) return ['nothing'];
    for (const keyword of Object.keys(schema)) {
      if (!KNOWN.has(keyword) && !ANNOTATIONS.has(keyword) && !keyword.startsWith('x-')) {
        throw new Error(`The keyword ${keyword} of ${place} is not supported.`);
      }
    }
    const parts = [];
    if (schema.$ref !== undefined) parts.push(checkName(refName(schema.$ref)));
    const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
    if (values !== undefined) {
      const keyword = quote(schema.enum === undefined ? 'const' : 'enum');
      parts.push(compiler.constant('choice', `choice(${keyword}, ${JSON.stringify(values)})`));
    }
    if (values === undefined || !values.every((value) => typesOf(schema).some((type) => isOfType(value, type)))) {
      const alone = Object.keys(schema).every((keyword) => !GENERAL.includes(keyword) || keyword === 'type');
      parts.push(...compileTyped(compiler, schema, alone ? name : undefined));
    }
    for (const part of schema.allOf ?? []) parts.push(...partsOf(part, place));
    if (schema.anyOf !== undefined)
      parts.push(compiler.constant('some', `some(${schema.anyOf.map(check).join(', ')})`));
    if (schema.oneOf !== undefined) parts.push(...compileUnion(compiler, schema, mode));
    if (schema.not !== undefined) parts.push(compiler.constant('not', `not(${check(schema.not)})`));
    if (schema.if !== undefined) {
      const branches = [schema.if, schema.then ?? true, schema.else ?? true].map(check);
      parts.push(compiler.constant('when', `when(${branches.join(', ')})`));
    }
    return parts.filter((part) => part !== 'anything');
  }

  return compiler;
}

function typesOf(schema) {
  return [schema.type ?? ['null', 'array', 'object', 'string', 'number', 'boolean']].flat();
}

function isOfType(value, type) {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

/** What `type` and the keywords of each type say. */
function compileTyped(compiler, schema, name) {
  const used = Object.keys(KEYWORDS_OF).filter((kind) => KEYWORDS_OF[kind].some((keyword) => keyword in schema));
  if (schema.format in formats && !used.includes('string')) used.push('string');
  if (schema.type === undefined && used.length === 0) return [];
  const types = typesOf(schema);
  if (types.length === 1) return compileType(compiler, schema, types[0], name);
  const unbounded = schema.type === undefined;
  const entries = (unbounded ? used : types).map((type) => {
    const parts = compileType(compiler, schema, type);
    const check = parts.length === 1 ? parts[0] : compiler.constant('all', `all(${parts.join(', ')})`);
    return `${type === 'integer' ? 'number' : type}: ${check}`;
  });
  const expected = unbounded ? 'undefined' : quote(types.join(' or '));
  return [compiler.constant('kinds', `kinds(${expected}, { ${entries.join(', ')} })`)];
}

function compileType(compiler, schema, type, name) {
  if (type === 'null') return ['isNull'];
  if (type === 'boolean') return ['isBoolean'];
  if (type === 'string') return compileString(compiler, schema);
  if (type === 'number' || type === 'integer') return compileNumber(compiler, schema, type);
  if (type === 'array') return compileArray(compiler, schema);
  if (type === 'object') return [compileObject(compiler, schema, name)];
  throw new Error(`There is no type ${JSON.stringify(type)}.`);
}

function compileString(compiler, { minLength, maxLength, pattern, format }) {
  const rules = [];
  if (pattern !== undefined) rules.push([regexp(pattern)]);
  if (format in formats) rules.push([`${formats[format].pattern}`, quote(formats[format].what)]);
  const [first = [], ...others] = rules;
  return [
    compiler.constant('text', call('text', [minLength, maxLength, ...first])),
    ...others.map((rule) => compiler.constant('matches', call('matches', rule))),
  ];
}

function compileNumber(compiler, schema, type) {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const parts = [compiler.constant(type, call(type, [minimum, maximum]))];
  const rare = [exclusiveMinimum, exclusiveMaximum, multipleOf];
  if (rare.some((value) => value !== undefined)) parts.push(compiler.constant('bounded', call('bounded', rare)));
  return parts;
}

function compileArray(compiler, schema) {
  const first = (schema.prefixItems ?? []).map(compiler.check);
  const items = schema.items === undefined ? 'anything' : compiler.check(schema.items);
  const tuple = first.length === 0 ? undefined : `[${first.join(', ')}]`;
  const parts = [compiler.constant('list', call('list', [items, schema.minItems, schema.maxItems, tuple]))];
  if (schema.uniqueItems === true) parts.push('unique');
  if (schema.contains !== undefined) {
    const wanted = [compiler.check(schema.contains), schema.minContains, schema.maxContains];
    parts.push(compiler.constant('contains', call('contains', wanted)));
  }
  return parts;
}

function compileUnion(compiler, schema, mode) {
  const extensible = mode === 'tolerant' && schema['x-extensible'] === true;
  const union = discriminate(schema, compiler.schemas);
  const checks = schema.oneOf.map(compiler.check);
  if (union !== undefined) {
    const variants = union.tags.flatMap((tags, index) => tags.map((tag) => `${propertyKey(tag)}: ${checks[index]}`));
    const table = `{ ${variants.join(', ')} }`;
    return [compiler.constant('tagged', call('tagged', [quote(union.property), table, extensible || undefined]))];
  }
  if (extensible) return [];
  // Without `additionalProperties: false` a value may fit several variants; with types of their own it fits one at most.
  const anyOf = mode === 'tolerant' || areDisjoint(schema.oneOf, compiler.schemas);
  const combine = anyOf ? 'some' : 'one';
  return [compiler.constant(combine, `${combine}(${checks.join(', ')})`)];
}

function areDisjoint(variants, schemas) {
  const types = variants.map((variant) => [dereference(variant, schemas).type ?? []].flat());
  const all = types.flat().map((type) => (type === 'integer' ? 'number' : type));
  return types.every((list) => list.length > 0) && new Set(all).size === all.length;
}

/** A call without the arguments that are left to their defaults at the end. */
function call(name, values) {
  const last = values.findLastIndex((value) => value !== undefined);
  return `${name}(${values
    .slice(0, last + 1)
    .map(String)
    .join(', ')})`;
}

/** A literal; an invalid pattern fails the generation. */
function regexp(pattern) {
  return String(new RegExp(pattern, 'u'));
}
