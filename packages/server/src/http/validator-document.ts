import { parseOpenapi } from '@parleyhq/contract/documents';

interface Node {
  [key: string]: unknown;
}

interface Document extends Node {
  readonly paths: Record<string, Record<string, Node>>;
  readonly components: Record<string, Record<string, Node>>;
}

/**
 * The parts of the document that express-openapi-validator needs for requests. Everything else would only cost time at the
 * start.
 *
 * Defaults are removed from the variants of a union: Ajv writes the default of a variant that does not match into the body,
 * and the next variant then refuses it.
 */
export function validatorDocument(): Document {
  const document = parseOpenapi() as Document;
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item)) {
      if ('operationId' in operation) operation.responses = { default: { description: 'Any.' } };
    }
  }
  walk(document.components, ({ oneOf, anyOf }) => {
    for (const variant of [oneOf, anyOf].flat()) if (isNode(variant)) dropDefaults(follow(document, variant));
  });
  dropUnused(document);
  return document;
}

function dropDefaults({ properties }: Node): void {
  if (isNode(properties))
    for (const property of Object.values(properties)) if (isNode(property)) delete property.default;
}

function dropUnused(document: Document): void {
  const used = new Set<string>();
  const visit = (part: unknown) =>
    walk(part, ({ $ref }) => {
      if (typeof $ref !== 'string' || used.has($ref)) return;
      used.add($ref);
      visit(follow(document, { $ref }));
    });
  visit(document.paths);
  for (const [kind, parts] of Object.entries(document.components)) {
    for (const name of Object.keys(parts)) if (!used.has(`#/components/${kind}/${name}`)) delete parts[name];
  }
}

function follow(document: Document, part: Node): Node {
  if (typeof part.$ref !== 'string') return part;
  const [, , kind = '', name = ''] = part.$ref.split('/');
  const found = document.components[kind]?.[name];
  if (!found) throw new Error(`${part.$ref} points at nothing.`);
  return follow(document, found);
}

function walk(part: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(part)) for (const item of part) walk(item, visit);
  if (!isNode(part)) return;
  visit(part);
  for (const value of Object.values(part)) walk(value, visit);
}

function isNode(part: unknown): part is Node {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}
