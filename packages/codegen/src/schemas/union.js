/**
 * @file Discriminated unions: a `oneOf` whose variants each declare the same property with values of their own.
 */
import { dereference } from './walk.js';

/**
 * What tells the variants of a `oneOf` apart, or undefined where nothing does.
 *
 * @param {any} schema
 * @param {Record<string, any>} schemas
 * @returns {{property: string, tags: string[][]} | undefined} The property, and its values for each variant.
 */
export function discriminate(schema, schemas) {
  if (!Array.isArray(schema?.oneOf) || schema.oneOf.length === 0) return undefined;
  const variants = schema.oneOf.map((variant) => dereference(variant, schemas));
  for (const property of Object.keys(variants[0].properties ?? {})) {
    const tags = variants.map((variant) => tagsOf(variant, property));
    const all = tags.flat();
    if (tags.every((values) => values.length > 0) && new Set(all).size === all.length) return { property, tags };
  }
  return undefined;
}

function tagsOf(variant, property) {
  if (!variant.required?.includes(property)) return [];
  const declared = variant.properties?.[property];
  const values = declared?.const !== undefined ? [declared.const] : (declared?.enum ?? []);
  return values.every((value) => typeof value === 'string') ? values : [];
}
