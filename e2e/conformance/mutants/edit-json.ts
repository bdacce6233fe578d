/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Changes one member of an object. Returns whether it has changed anything. */
export type Edit = (owner: JsonObject, name: string) => boolean;

/** Changes the member at the end of a path in a JSON text; `*` is every element of an array. Undefined if it met none. */
export function editText(text: string, path: readonly string[], edit: Edit): string | undefined {
  const value = parseJson(text);
  if (value === undefined || !editAt(value, path, edit)) return undefined;
  return JSON.stringify(value);
}

/** The value of a JSON text; undefined if it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function editAt(value: Json, [key = '', ...rest]: readonly string[], edit: Edit): boolean {
  if (key === '*') {
    return Array.isArray(value) && value.map((element) => editAt(element, rest, edit)).includes(true);
  }
  if (!isObject(value) || !Object.hasOwn(value, key)) return false;
  if (rest.length === 0) return edit(value, key);
  const next = value[key];
  return next !== undefined && editAt(next, rest, edit);
}

/** Removes the member. */
export function drop(owner: JsonObject, name: string): boolean {
  return delete owner[name];
}

/** Renames the member. */
export function rename(owner: JsonObject, name: string): boolean {
  owner[`${name}_`] = owner[name] ?? null;
  return delete owner[name];
}

/** Replaces the member by a value of a type that its schema does not allow. */
export function retype(owner: JsonObject, name: string): boolean {
  const value = owner[name] ?? null;
  // A text instead of anything else; a number that is not whole instead of a text or null.
  owner[name] = typeof value === 'string' || value === null ? 7.5 : JSON.stringify(value);
  return true;
}

/** Sets the member to a value. */
export function set(wrong: Json): Edit {
  return (owner, name) => {
    if (owner[name] === wrong) return false;
    owner[name] = wrong;
    return true;
  };
}
