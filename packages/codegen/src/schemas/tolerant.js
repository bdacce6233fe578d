/**
 * @file What a tolerant reader lets pass: unknown properties, unknown values and variants where the schema says
 * `x-extensible`, and what it said itself and gets back (`x-echo`). The result is a schema again.
 */
import { mapSubschemas } from './walk.js';

/**
 * @param {any} schema
 * @returns {any} `x-extensible` is left on unions alone: it lets variants pass that nobody knows.
 */
export function makeTolerant(schema) {
  if (schema['x-echo'] === true) return {};
  const tolerant = mapSubschemas(schema, (subschema, keyword) =>
    // Inside a condition, letting more pass would let less pass outside.
    keyword === 'not' || keyword === 'if' ? subschema : makeTolerant(subschema),
  );
  for (const keyword of ['additionalProperties', 'unevaluatedProperties']) {
    if (tolerant[keyword] === false) delete tolerant[keyword];
  }
  if (schema['x-extensible'] === true) widen(tolerant);
  return tolerant;
}

/** A set of values becomes the bare type of its values. */
function widen(schema) {
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  if (values.length === 0) return;
  schema.type ??= [...new Set(values.map(jsonType))];
  delete schema.enum;
  delete schema.const;
}

function jsonType(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}
