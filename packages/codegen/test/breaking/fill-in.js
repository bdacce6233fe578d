/**
 * @file What a message means: the message with the defaults of what it leaves out.
 */
import { discriminate } from '../../src/schemas/union.js';
import { dereference } from '../../src/schemas/walk.js';

/**
 * @param {any} schema
 * @param {Record<string, any>} schemas
 * @param {any} value One that fits.
 * @returns {any}
 */
export function fillIn(schema, schemas, value) {
  const found = dereference(schema, schemas);
  if (Array.isArray(value)) return value.map((item) => fillIn(found?.items ?? {}, schemas, item));
  if (typeof value !== 'object' || value === null) return value;
  const union = discriminate(found, schemas);
  if (union !== undefined) {
    const index = union.tags.findIndex((tags) => tags.includes(value[union.property]));
    return fillIn(found.oneOf[index] ?? {}, schemas, value);
  }
  const filled = { ...value };
  for (const [name, property] of Object.entries(found?.properties ?? {})) {
    const { default: byDefault } = { ...dereference(property, schemas), ...property };
    filled[name] = name in value ? fillIn(property, schemas, value[name]) : byDefault;
  }
  return JSON.parse(JSON.stringify(filled));
}
