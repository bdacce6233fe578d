import { parseAsyncapi, parseOpenapi } from '@parleyhq/contract/documents';
import { find, type Json, type JsonObject, keysOf } from './json.js';

/** The `openapi.yaml` with which this kit was built. */
export const openapi: JsonObject = parseOpenapi() as JsonObject;

/** The `asyncapi.yaml` with which this kit was built. */
export const asyncapi: JsonObject = parseAsyncapi() as JsonObject;

/** A place in openapi.yaml and the node that is there. */
export interface Place {
  /** A JSON pointer. */
  readonly pointer: string;
  readonly node: Json | undefined;
}

/** The place at a JSON pointer of openapi.yaml. A `$ref` is followed. */
export function follow(pointer: string): Place {
  const node = find(openapi, ...keysOf(pointer));
  const reference = find(node, '$ref');
  return typeof reference === 'string' ? follow(reference.slice(1)) : { pointer, node };
}

/** A schema of openapi.yaml. A `$ref` is followed. */
export function resolve(schema: Json | undefined): Json | undefined {
  const reference = find(schema, '$ref');
  return typeof reference === 'string' ? follow(reference.slice(reference.indexOf('#') + 1)).node : schema;
}
