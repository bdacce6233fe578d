import { resolve } from './documents.js';
import { elementsOf, isObject, type Json, type JsonObject, textAt } from './json.js';

/**
 * The documents as they are written. Only unions change: a value is compared with the one variant that its `type`
 * names.
 */
export function strictReading(node: unknown): unknown {
  return rewrite(node, ({ oneOf, ...rest }) => ({ ...rest, ...rewriteUnion(rest, oneOf, strictReading, false) }));
}

/**
 * The documents as a tolerant reader understands them. Unknown properties are allowed everywhere, unknown values and
 * variants where a schema says `x-extensible`.
 */
export function tolerantReading(node: unknown): unknown {
  return rewrite(node, ({ additionalProperties, 'x-extensible': extensible, enum: values, oneOf, ...rest }) => ({
    ...rest,
    ...(additionalProperties === undefined || additionalProperties === false ? {} : { additionalProperties }),
    ...(values === undefined || extensible === true ? {} : { enum: values }),
    ...rewriteUnion(rest, oneOf, tolerantReading, extensible === true),
  }));
}

function rewrite(node: unknown, change: (schema: JsonObject) => object): unknown {
  if (Array.isArray(node)) return node.map((element) => rewrite(element, change));
  if (!isObject(node)) return node;
  // `change` rewrites the variants of a union itself, since it tells them apart by their unchanged schemas.
  const rewritten = Object.entries(node).map(([key, value]) => [key, key === 'oneOf' ? value : rewrite(value, change)]);
  return change(Object.fromEntries(rewritten));
}

/** A union in which `type` selects the variant, so that only the problems of that variant are found. */
function rewriteUnion(
  { allOf }: JsonObject,
  oneOf: Json | undefined,
  change: (node: unknown) => unknown,
  open: boolean,
): object {
  if (oneOf === undefined) return {};
  const variants = elementsOf(oneOf).map((variant) => ({
    type: textAt(resolve(variant), 'properties', 'type', 'const'),
    schema: change(variant),
  }));
  const types = variants.map(({ type }) => type);
  if (types.includes('') || new Set(types).size < types.length) {
    if (open) throw new Error(`the variants of ${JSON.stringify(oneOf)} cannot be told apart`);
    return { oneOf: variants.map(({ schema }) => schema) };
  }
  const chosen = {
    type: 'object',
    required: ['type'],
    properties: { type: open ? { type: 'string' } : { enum: types } },
  };
  const cases = variants.map(({ type, schema }) => ({
    if: { required: ['type'], properties: { type: { const: type } } },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
    then: schema,
  }));
  return { allOf: [...elementsOf(allOf), chosen, ...cases] };
}
