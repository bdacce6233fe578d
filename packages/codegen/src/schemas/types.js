/**
 * @file TypeScript types of a document's schemas, by openapi-typescript: REST and messages get the same semantics.
 */
import * as openapiTypescript from 'openapi-typescript';
import * as typescript from 'typescript';
import { quote, refuseSameNames, typeName } from '../names.js';
import { viewForTypes } from './type-view.js';
import { refName, refTo, refuseCircles } from './walk.js';

const ts = typescript.default ?? typescript;

const OPTIONS = {
  // A default is what the receiver assumes; a sender may still leave the value out.
  defaultNonNullable: false,
  silent: true,
  transform: tupleType,
};

/**
 * Type declarations of an OpenAPI document: `paths`, `operations`, `components` and one alias for each named schema.
 *
 * @param {any} document An OpenAPI 3.1 document.
 * @returns {Promise<string>}
 */
export async function emitTypes(document) {
  const schemas = document.components?.schemas ?? {};
  const names = Object.keys(schemas);
  refuseSameNames(names.map((name) => [name, typeName(name)]));
  refuseCircles(schemas);
  const nodes = await openapiTypescript.default(viewDocument(document, schemas), OPTIONS);
  const aliases = names.map((name) => `export type ${typeName(name)} = components['schemas'][${quote(name)}];\n`);
  return `${openapiTypescript.astToString(nodes)}${aliases.join('')}`;
}

/**
 * Type declarations of schemas alone, each under its name. Unlike members of one interface, they may be recursive in
 * every way that TypeScript knows.
 *
 * @param {Record<string, any>} schemas
 * @param {(name: string) => boolean} [isWanted] Which of them are declared; the others only may be referred to.
 */
export async function emitSchemaTypes(schemas, isWanted = () => true) {
  const names = Object.keys(schemas);
  refuseSameNames(names.map((name) => [name, typeName(name)]));
  const rename = (ref) => refTo(typeName(refName(ref))).$ref;
  const views = names.map((name) => [typeName(name), viewForTypes(schemas[name], schemas, rename)]);
  const info = { title: 'schemas', version: '0' };
  const components = { schemas: Object.fromEntries(views) };
  const nodes = await openapiTypescript.default({ openapi: '3.1.0', info, paths: {}, components }, OPTIONS);
  const declared = nodes.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'components');
  const members = declared?.members.find((member) => member.name.text === 'schemas')?.type.members ?? [];
  const exported = [ts.factory.createModifier(ts.SyntaxKind.ExportKeyword)];
  const wanted = new Set(names.filter(isWanted).map(typeName));
  const aliases = members
    .filter((member) => wanted.has(member.name.text))
    .map((member) => {
      const type = ts.transform(member.type, [nameReferences]).transformed[0];
      const alias = ts.factory.createTypeAliasDeclaration(exported, member.name.text, undefined, type);
      return ts.setSyntheticLeadingComments(alias, ts.getSyntheticLeadingComments(member));
    });
  return openapiTypescript.astToString(aliases);
}

/** A document whose schemas are as `viewForTypes` makes them, wherever they stand. */
function viewDocument(document, schemas) {
  const visit = (part, path) => {
    if (Array.isArray(part)) return part.map((item) => visit(item, path));
    if (typeof part !== 'object' || part === null) return part;
    const isNamed = path.length === 2 && path[0] === 'components' && path[1] === 'schemas';
    const entries = Object.entries(part).map(([key, value]) => {
      const isSchema = isNamed || (key === 'schema' && typeof value === 'object');
      return [key, isSchema ? viewForTypes(value, schemas) : visit(value, [...path, key])];
    });
    return Object.fromEntries(entries);
  };
  return visit(document, []);
}

/** `prefixItems` as a tuple: only as many elements are required as `minItems` says. */
function tupleType(schema, options) {
  if (schema?.type !== 'array' || schema.prefixItems === undefined) return undefined;
  const typeOf = (part) => openapiTypescript.transformSchemaObject(part, options);
  const first = schema.prefixItems.map((part, index) => {
    return index < schema.minItems ? typeOf(part) : ts.factory.createOptionalTypeNode(parenthesize(typeOf(part)));
  });
  const rest =
    schema.rest === undefined
      ? []
      : [ts.factory.createRestTypeNode(ts.factory.createArrayTypeNode(parenthesize(typeOf(schema.rest))))];
  return ts.factory.createTupleTypeNode([...first, ...rest]);
}

function parenthesize(type) {
  const isSimple = ts.isTypeReferenceNode(type) || ts.isTypeLiteralNode(type) || ts.isToken(type);
  return isSimple ? type : ts.factory.createParenthesizedType(type);
}

/** `components["schemas"]["Name"]` becomes `Name`. */
function nameReferences(context) {
  const visit = (node) => {
    if (ts.isIndexedAccessTypeNode(node) && ts.isIndexedAccessTypeNode(node.objectType)) {
      const { objectType: components } = node.objectType;
      if (ts.isTypeReferenceNode(components) && components.typeName.text === 'components') {
        return ts.factory.createTypeReferenceNode(node.indexType.literal.text);
      }
    }
    return ts.visitEachChild(node, visit, context);
  };
  return visit;
}
