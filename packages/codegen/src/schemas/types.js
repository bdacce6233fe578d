/**
 * @file TypeScript types of a document's schemas, by openapi-typescript: REST and messages get the same semantics.
 */
import * as openapiTypescript from 'openapi-typescript';
import { mapSubschemas } from './walk.js';

/**
 * Type declarations of an OpenAPI document: `paths`, `operations`, `components` and one alias for each named schema.
 *
 * @param {any} document An OpenAPI 3.1 document.
 * @param {{aliases?: boolean}} [options] Without `aliases` named schemas are members of `components` only.
 * @returns {Promise<string>}
 */
export async function emitTypes(document, { aliases = true } = {}) {
  const copy = structuredClone(document);
  for (const [name, schema] of Object.entries(copy.components?.schemas ?? {})) {
    copy.components.schemas[name] = declareRequired(schema, {});
  }
  const nodes = await openapiTypescript.default(copy, {
    // A default is what the receiver assumes; a sender may still leave the value out.
    defaultNonNullable: false,
    rootTypes: aliases,
    rootTypesNoSchemaPrefix: true,
    rootTypesKeepCasing: true,
    silent: true,
  });
  return openapiTypescript.astToString(nodes);
}

/**
 * Type declarations of schemas alone, for a document of another kind.
 *
 * @param {Record<string, object>} schemas
 */
export async function emitSchemaTypes(schemas) {
  const document = { openapi: '3.1.0', info: { title: 'schemas', version: '0' }, paths: {}, components: { schemas } };
  return emitTypes(document, { aliases: false });
}

/** `oneOf: [{required: [a]}, {required: [b]}]` says something about types only where it declares `a` and `b` itself. */
function declareRequired(schema, inherited) {
  const properties = { ...inherited, ...schema.properties };
  return mapSubschemas(schema, (subschema, keyword) => {
    if (!['oneOf', 'anyOf', 'allOf'].includes(keyword)) return declareRequired(subschema, {});
    const missing = (subschema.required ?? []).filter((name) => !subschema.properties?.[name] && properties[name]);
    if (missing.length === 0) return declareRequired(subschema, properties);
    const declared = Object.fromEntries(missing.map((name) => [name, properties[name]]));
    return { type: 'object', ...subschema, properties: { ...declared, ...subschema.properties } };
  });
}
