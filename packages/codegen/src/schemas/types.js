/**
 * @file TypeScript types of a document's schemas, by openapi-typescript: REST and messages get the same semantics.
 */
import * as openapiTypescript from 'openapi-typescript';
import * as typescript from 'typescript';
import { pascalCase } from '../names.js';
import { mapSubschemas } from './walk.js';

const ts = typescript.default ?? typescript;

const OPTIONS = {
  // A default is what the receiver assumes; a sender may still leave the value out.
  defaultNonNullable: false,
  silent: true,
};

/** The name of a schema's type: its own, where code can have it. @param {string} name */
export function typeName(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : pascalCase(name);
}

/**
 * Type declarations of an OpenAPI document: `paths`, `operations`, `components` and one alias for each named schema.
 *
 * @param {any} document An OpenAPI 3.1 document.
 * @returns {Promise<string>}
 */
export async function emitTypes(document) {
  const aliases = { rootTypes: true, rootTypesNoSchemaPrefix: true, rootTypesKeepCasing: true };
  return openapiTypescript.astToString(await parseTypes(document, aliases));
}

/**
 * Type declarations of schemas alone, each under its name. Unlike members of one interface, they may be recursive in
 * every way that TypeScript knows.
 *
 * @param {Record<string, any>} schemas
 * @param {(name: string) => boolean} [isWanted] Which of them are declared; the others only may be referred to.
 */
export async function emitSchemaTypes(schemas, isWanted = () => true) {
  const info = { title: 'schemas', version: '0' };
  const nodes = await parseTypes({ openapi: '3.1.0', info, paths: {}, components: { schemas } });
  const components = nodes.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'components');
  const members = components?.members.find((member) => member.name.text === 'schemas')?.type.members ?? [];
  const exported = [ts.factory.createModifier(ts.SyntaxKind.ExportKeyword)];
  const aliases = members
    .filter((member) => isWanted(member.name.text))
    .map((member) => {
      const type = ts.transform(member.type, [nameReferences]).transformed[0];
      const alias = ts.factory.createTypeAliasDeclaration(exported, typeName(member.name.text), undefined, type);
      return ts.setSyntheticLeadingComments(alias, ts.getSyntheticLeadingComments(member));
    });
  return openapiTypescript.astToString(aliases);
}

function parseTypes(document, options = {}) {
  const copy = structuredClone(document);
  for (const [name, schema] of Object.entries(copy.components?.schemas ?? {})) {
    copy.components.schemas[name] = declareRequired(schema, {});
  }
  return openapiTypescript.default(copy, { ...OPTIONS, ...options });
}

/** `components["schemas"]["Name"]` becomes `Name`. */
function nameReferences(context) {
  const visit = (node) => {
    if (ts.isIndexedAccessTypeNode(node) && ts.isIndexedAccessTypeNode(node.objectType)) {
      const { objectType: components } = node.objectType;
      if (ts.isTypeReferenceNode(components) && components.typeName.text === 'components') {
        return ts.factory.createTypeReferenceNode(typeName(node.indexType.literal.text));
      }
    }
    return ts.visitEachChild(node, visit, context);
  };
  return visit;
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
