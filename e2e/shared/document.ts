import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A parameter of an operation, with a value that fits. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly sample: string;
}

/** An operation of openapi.yaml, with its examples. */
export interface Operation {
  readonly operationId: string;
  /** In upper case. */
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** The examples of its body; none for an operation without one. */
  readonly bodies: readonly Json[];
}

type Node = { readonly [key: string]: Json };

const root = join(import.meta.dirname, '..', '..');

/** The two documents. */
export const openapi: Node = parse(readFileSync(join(root, 'openapi.yaml'), 'utf8'));
export const asyncapi: Node = parse(readFileSync(join(root, 'asyncapi.yaml'), 'utf8'));

/** Every operation of openapi.yaml. */
export const operations: readonly Operation[] = entries(openapi.paths).flatMap(([path, item]) =>
  entries(item)
    .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
    .map(([method, operation]) => ({
      operationId: String(at(operation, 'operationId')),
      method: method.toUpperCase(),
      path,
      parameters: [...list(at(item, 'parameters')), ...list(at(operation, 'parameters'))].map(readParameter),
      bodies: readBodies(operation),
    })),
);

/** The examples of what a client may send over the socket. */
export const clientFrames: readonly Json[] = list(at(asyncapi, 'operations', 'receiveFromClient', 'messages'))
  .map((reference) => String(at(reference, '$ref')).split('/').at(-1) ?? '')
  .flatMap((name) => list(at(asyncapi, 'components', 'messages', name, 'examples')))
  .map((example) => at(example, 'payload'));

/** The value below these keys; undefined if there is none. */
export function find(node: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let value = node;
  for (const key of keys) value = isNode(value) ? value[key] : undefined;
  return value;
}

/** The node at a JSON pointer of openapi.yaml. A `$ref` is followed. */
export function follow(pointer: string): { pointer: string; node: Json } {
  const keys = pointer.split('/').slice(1);
  const node = at(openapi, ...keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')));
  const reference = find(node, '$ref');
  return typeof reference === 'string' ? follow(reference.slice(1)) : { pointer, node };
}

/** The members of an object; empty if the node is not an object. */
export function entries(node: Json | undefined): [string, Json][] {
  return isNode(node) ? Object.entries(node) : [];
}

function at(node: Json | undefined, ...keys: readonly string[]): Json {
  return find(node, ...keys) ?? null;
}

function list(node: Json): Json[] {
  return Array.isArray(node) ? node : [];
}

function isNode(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readParameter(node: Json): Parameter {
  const reference = find(node, '$ref');
  if (typeof reference === 'string') return readParameter(follow(reference.slice(1)).node);
  const place = find(node, 'in');
  if (place !== 'path' && place !== 'query' && place !== 'header') throw new Error(`a parameter in ${place}`);
  return { name: String(find(node, 'name')), in: place, sample: sampleOf(node) };
}

function sampleOf(parameter: Json): string {
  const reference = find(parameter, 'schema', '$ref');
  const schema = typeof reference === 'string' ? follow(reference.slice(1)).node : at(parameter, 'schema');
  const [value] = [
    find(parameter, 'example'),
    find(schema, 'examples', '0') ?? list(at(schema, 'examples'))[0],
    find(schema, 'default'),
    list(at(schema, 'enum'))[0],
    find(schema, 'minimum'),
    'MTY0MjY5NDQwMDAwMDp4',
  ].filter((sample) => sample !== undefined && sample !== null);
  return String(value);
}

function readBodies(operation: Json): Json[] {
  const content = find(operation, 'requestBody', 'content', 'application/json');
  return entries(find(content, 'examples')).map(([, example]) => at(example, 'value'));
}
