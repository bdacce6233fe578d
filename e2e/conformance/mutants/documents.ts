import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isObject, type Json, type JsonObject } from './edit-json.js';

const repository = join(import.meta.dirname, '..', '..', '..');

/** openapi.yaml, from which mutants are derived. */
export const openapi: JsonObject = parse(readFileSync(join(repository, 'openapi.yaml'), 'utf8'));

/** asyncapi.yaml, from which mutants are derived. */
export const asyncapi: JsonObject = parse(readFileSync(join(repository, 'asyncapi.yaml'), 'utf8'));

/** An operation. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly node: Json | undefined;
  /** Whether a request is for this operation. */
  matches(method: string, target: string): boolean;
}

/** The operations of openapi.yaml. */
export const operations: readonly Operation[] = entries(openapi.paths).flatMap(([path, item]) =>
  entries(item).flatMap(([method, node]) => {
    const id = at(node, 'operationId');
    if (typeof id !== 'string') return [];
    const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
    const matches = (asked: string, target: string) =>
      asked === method.toUpperCase() && pattern.test(target.split('?', 1)[0] ?? '');
    return [{ id, method: method.toUpperCase(), path, node, matches }];
  }),
);

/** The members of an object; empty if the value is not an object. */
export function entries(value: Json | undefined): [string, Json][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** The elements of an array; empty if the value is not an array. */
export function elements(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The value below these keys; undefined if there is none. */
export function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((found, key) => (isObject(found) ? found[key] : undefined), value);
}

/** A node. A `$ref` into either document is followed. */
export function resolve(node: Json | undefined, home: JsonObject = openapi): Json | undefined {
  const reference = at(node, '$ref');
  if (typeof reference !== 'string') return node;
  const [file, pointer = ''] = reference.split('#');
  return at(file === '' ? home : openapi, ...pointer.split('/').slice(1));
}
