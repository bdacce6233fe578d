import { resolve } from './documents.js';
import { elementsOf, isObject, type Json, textAt } from './json.js';

/**
 * The documents as a tolerant reader takes them: unknown properties pass everywhere, unknown values and variants where a
 * schema says `x-extensible`.
 */
export function relax(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(relax);
  if (!isObject(node)) return node;
  const { additionalProperties, 'x-extensible': extensible, enum: values, oneOf: variants, ...rest } = node;
  const relaxed = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, relax(value)]));
  return {
    ...relaxed,
    ...(additionalProperties === undefined || additionalProperties === false ? {} : { additionalProperties }),
    ...(values === undefined || extensible === true ? {} : { enum: values }),
    ...(variants === undefined ? {} : relaxVariants(elementsOf(variants), extensible === true)),
  };
}

function relaxVariants(variants: readonly Json[], extensible: boolean): object {
  const known = variants.map(relax);
  if (!extensible) return { oneOf: known };
  const types = variants.map((variant) => textAt(resolve(variant), 'properties', 'type', 'const'));
  if (types.includes('')) throw new Error(`a variant of ${JSON.stringify(variants)} has no type`);
  const unknown = {
    type: 'object',
    required: ['type'],
    properties: { type: { type: 'string', not: { enum: types } } },
  };
  return { oneOf: [...known, unknown] };
}
