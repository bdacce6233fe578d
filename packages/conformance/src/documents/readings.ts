import { resolve } from './documents.js';
import { elementsOf, isObject, type Json, type JsonObject, textAt } from './json.js';

/** The documents by the letter. The same values fit; of a union's variants the one that `type` names is looked at alone. */
export function byLetter(node: unknown): unknown {
  return rewrite(node, ({ oneOf, ...rest }) => ({ ...rest, ...rewriteUnion(rest, oneOf, byLetter, false) }));
}

/**
 * The documents as a tolerant reader takes them: unknown properties pass everywhere, unknown values and variants where a
 * schema says `x-extensible`.
 */
export function relax(node: unknown): unknown {
  return rewrite(node, ({ additionalProperties, 'x-extensible': extensible, enum: values, oneOf, ...rest }) => ({
    ...rest,
    ...(additionalProperties === undefined || additionalProperties === false ? {} : { additionalProperties }),
    ...(values === undefined || extensible === true ? {} : { enum: values }),
    ...rewriteUnion(rest, oneOf, relax, extensible === true),
  }));
}

function rewrite(node: unknown, change: (schema: JsonObject) => object): unknown {
  if (Array.isArray(node)) return node.map((element) => rewrite(element, change));
  if (!isObject(node)) return node;
  // The variants of a union are rewritten where it is, since they are told apart by what they are in the document.
  const rewritten = Object.entries(node).map(([key, value]) => [key, key === 'oneOf' ? value : rewrite(value, change)]);
  return change(Object.fromEntries(rewritten));
}

/** A union whose variants are told apart before one of them is looked at, so that only its problems are found. */
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
