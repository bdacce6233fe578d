import { parseAsyncapi, parseOpenapi } from '@parleyhq/contract/documents';
import { find, type Json, type JsonObject, keysOf } from './json.js';

/** `openapi.yaml` as this kit was built with it. */
export const openapi: JsonObject = parseOpenapi() as JsonObject;

/** `asyncapi.yaml` as this kit was built with it. */
export const asyncapi: JsonObject = parseAsyncapi() as JsonObject;

/** A place of openapi.yaml and what is there. */
export interface Place {
  /** A JSON pointer. */
  readonly pointer: string;
  readonly node: Json | undefined;
}

/** What is at a JSON pointer of openapi.yaml; where that is a `$ref`, what it leads to. */
export function follow(pointer: string): Place {
  const node = find(openapi, ...keysOf(pointer));
  const reference = find(node, '$ref');
  return typeof reference === 'string' ? follow(reference.slice(1)) : { pointer, node };
}

/** A schema, or what it refers to, in openapi.yaml. */
export function resolve(schema: Json | undefined): Json | undefined {
  const reference = find(schema, '$ref');
  return typeof reference === 'string' ? follow(reference.slice(reference.indexOf('#') + 1)).node : schema;
}
