/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** The value that a text has as JSON; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value below these keys; undefined if there is none. */
export function find(value: Json | undefined, ...keys: readonly (string | number)[]): Json | undefined {
  let found = value;
  for (const key of keys) {
    found = Array.isArray(found) ? found[Number(key)] : isObject(found) ? ownOf(found, String(key)) : undefined;
  }
  return found;
}

/** The members of an object; empty if the value is not an object. */
export function membersOf(value: Json | undefined): [string, Json][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** The elements of an array; empty if the value is not an array. */
export function elementsOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The text below these keys; empty if there is none. */
export function textAt(value: Json | undefined, ...keys: readonly string[]): string {
  const found = find(value, ...keys);
  return typeof found === 'string' ? found : '';
}

/** The keys that a JSON pointer names. */
export function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A key, escaped for a JSON pointer. */
export function escapeKey(key: string | number): string {
  return String(key).replaceAll('~', '~0').replaceAll('/', '~1');
}

function ownOf(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
