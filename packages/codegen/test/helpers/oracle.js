/**
 * @file A second opinion: Ajv on the same schemas, as JSON Schema has them.
 */
import { createRequire } from 'node:module';
import { formats } from '../../src/schemas/formats.js';
import { makeTolerant } from '../../src/schemas/tolerant.js';
import { discriminate } from '../../src/schemas/union.js';
import { mapSubschemas, visitSchemas } from '../../src/schemas/walk.js';

const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js');

/**
 * @param {Record<string, any>} schemas
 * @param {'strict' | 'tolerant'} mode
 * @returns {(name: string, value: unknown) => boolean} Whether a value is what a named schema says.
 */
export function createOracle(schemas, mode) {
  const derive = mode === 'strict' ? (schema) => schema : (schema) => openUnions(makeTolerant(schema), schemas);
  const components = {
    schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, derive(schema)])),
  };
  const ajv = new Ajv2020({ strict: false, validateSchema: false, ownProperties: true });
  for (const [name, { pattern }] of Object.entries(formats)) ajv.addFormat(name, pattern);
  for (const schema of Object.values(schemas)) {
    visitSchemas(schema, ({ format }) => {
      if (format !== undefined && !(format in formats)) ajv.addFormat(format, true);
    });
  }
  ajv.addSchema({ $id: 'document', components });
  return (name, value) => ajv.getSchema(`document#/components/schemas/${name}`)(value);
}

/** The rules of a tolerant reader for unions, written as JSON Schema. */
function openUnions(schema, schemas) {
  const open = mapSubschemas(schema, (subschema, keyword) =>
    keyword === 'not' || keyword === 'if' ? subschema : openUnions(subschema, schemas),
  );
  if (open.oneOf === undefined) return open;
  const { oneOf, ...others } = open;
  const union = discriminate(schema, schemas);
  if (union === undefined)
    return { ...others, allOf: [...(others.allOf ?? []), { anyOf: schema['x-extensible'] ? [true] : oneOf }] };
  if (schema['x-extensible'] !== true) return open;
  const { property, tags } = union;
  const unknown = {
    type: 'object',
    required: [property],
    properties: { [property]: { type: 'string', not: { enum: tags.flat() } } },
  };
  return { ...others, oneOf: [...oneOf, unknown] };
}

/**
 * Values near a good one: each differs from it in one place.
 *
 * @param {unknown} value
 * @returns {unknown[]}
 */
export function mutate(value) {
  const replacements = [
    null,
    true,
    0,
    -1,
    1.5,
    1e6,
    '',
    'x',
    'a much longer text than any limit',
    [],
    [1],
    [1, 1],
    {},
    { extra: 1 },
  ];
  const mutants = [...replacements];
  if (Array.isArray(value)) {
    mutants.push([...value, ...value], value.slice(1), [...value, null]);
    for (const [index, element] of value.entries()) {
      for (const mutant of mutate(element)) mutants.push(value.with(index, mutant));
    }
  } else if (typeof value === 'object' && value !== null) {
    mutants.push({ ...value, extra: 1 }, { ...value, constructor: 'x' });
    for (const [key, element] of Object.entries(value)) {
      const { [key]: _, ...without } = value;
      mutants.push(without, { ...without, [`${key}2`]: element });
      for (const mutant of mutate(element)) mutants.push({ ...value, [key]: mutant });
    }
  } else if (typeof value === 'string') mutants.push(`${value}x`, value.slice(1), value.toUpperCase());
  else if (typeof value === 'number') mutants.push(value + 1, value - 1, -value, value + 0.25);
  return mutants;
}
