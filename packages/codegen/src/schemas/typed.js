/**
 * @file The checks that `type` and the keywords of each type say.
 */
import { quote } from '../names.js';
import { call, regexp } from './code.js';
import { formats } from './formats.js';
import { compileObject } from './objects.js';

/** The keywords that say something about values of one type. */
export const KEYWORDS_OF = {
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

/**
 * @param {import('./compile.js').Compiler} compiler
 * @param {any} schema
 * @param {string[]} place
 * @param {string} [name] For the function that an object becomes.
 * @returns {string[]} The checks that a value must all pass.
 */
export function compileTyped(compiler, schema, place, name) {
  const used = Object.keys(KEYWORDS_OF).filter((kind) => KEYWORDS_OF[kind].some((keyword) => keyword in schema));
  if (schema.format in formats && !used.includes('string')) used.push('string');
  if (schema.type === undefined && used.length === 0) return [];
  const types = typesOf(schema, compiler.where(place));
  if (types.length === 1) return compileType(compiler, schema, types[0], place, name);
  const unbounded = schema.type === undefined;
  const entries = (unbounded ? used : types).map((type) => {
    const parts = compileType(compiler, schema, type, place);
    const check = parts.length === 1 ? parts[0] : compiler.constant(`all(${parts.join(', ')})`, place);
    return `${type === 'integer' ? 'number' : type}: ${check}`;
  });
  const expected = unbounded ? 'undefined' : quote(types.join(' or '));
  return [compiler.constant(`kinds(${expected}, { ${entries.join(', ')} })`, place)];
}

function compileType(compiler, schema, type, place, name) {
  if (type === 'null') return ['isNull'];
  if (type === 'boolean') return ['isBoolean'];
  if (type === 'string') return compileString(compiler, schema, place);
  if (type === 'number' || type === 'integer') return compileNumber(compiler, schema, type, place);
  if (type === 'array') return compileArray(compiler, schema, place);
  if (type === 'object') return [compileObject(compiler, schema, place, name)];
  throw new Error(`${compiler.where(place)}: There is no type ${JSON.stringify(type)}.`);
}

function compileString(compiler, { minLength, maxLength, pattern, format }, place) {
  const rules = [];
  if (pattern !== undefined) rules.push([regexp(pattern, compiler.where(place))]);
  if (format in formats) rules.push([`${formats[format].pattern}`, quote(formats[format].what)]);
  const [first = [], ...others] = rules;
  return [
    compiler.constant(call('text', [minLength, maxLength, ...first]), place),
    ...others.map((rule) => compiler.constant(call('matches', rule), place)),
  ];
}

function compileNumber(compiler, schema, type, place) {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const parts = [compiler.constant(call(type, [minimum, maximum]), place)];
  const rare = [exclusiveMinimum, exclusiveMaximum, multipleOf];
  if (rare.some((value) => value !== undefined)) parts.push(compiler.constant(call('bounded', rare), place));
  return parts;
}

function compileArray(compiler, schema, place) {
  const first = (schema.prefixItems ?? []).map((part, index) =>
    compiler.check(part, [...place, 'prefixItems', `${index}`]),
  );
  if (Array.isArray(schema.items)) {
    throw new Error(`A list of schemas as items of ${compiler.where(place)} is not supported; expected prefixItems.`);
  }
  const items = schema.items === undefined ? 'anything' : compiler.check(schema.items, [...place, 'items']);
  const tuple = first.length === 0 ? undefined : `[${first.join(', ')}]`;
  const parts = [compiler.constant(call('list', [items, schema.minItems, schema.maxItems, tuple]), place)];
  if (schema.uniqueItems === true) parts.push('unique');
  if (schema.contains !== undefined) {
    const wanted = [compiler.check(schema.contains, [...place, 'contains']), schema.minContains, schema.maxContains];
    parts.push(compiler.constant(call('contains', wanted), place));
  }
  return parts;
}

/**
 * The types that a schema names, each once; all of them where it names none. An integer is a number too.
 *
 * @param {any} schema
 * @param {string} [place] For people.
 */
export function typesOf(schema, place = 'a schema') {
  const types = [...new Set([schema.type ?? ['null', 'array', 'object', 'string', 'number', 'boolean']].flat())];
  if (types.length === 0) throw new Error(`The list of types of ${place} is empty; expected one at least.`);
  return types.includes('number') ? types.filter((type) => type !== 'integer') : types;
}
