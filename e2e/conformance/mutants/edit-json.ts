/** A value as JSON has it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An object as JSON has it. */
export type JsonObject = { [key: string]: Json };

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A change of one member of an object; says whether it has changed anything. */
export type Edit = (owner: JsonObject, name: string) => boolean;

/** Changes the member at the end of a path in a JSON text; `*` is every element of an array. Undefined if it met none. */
export function editText(text: string, path: readonly string[], edit: Edit): string | undefined {
  const value = parseJson(text);
  if (value === undefined || !editAt(value, path, edit)) return undefined;
  return JSON.stringify(value);
}

/** A JSON text as a value; undefined where it is none. */
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

/** The member is not there. */
export function drop(owner: JsonObject, name: string): boolean {
  return delete owner[name];
}

/** The member has another name. */
export function rename(owner: JsonObject, name: string): boolean {
  owner[`${name}_`] = owner[name] ?? null;
  return delete owner[name];
}

/** The member is of a type that no schema of these documents allows beside its own. */
export function retype(owner: JsonObject, name: string): boolean {
  const value = owner[name] ?? null;
  // A text where something else is, and no whole number where a text or nothing is.
  owner[name] = typeof value === 'string' || value === null ? 7.5 : JSON.stringify(value);
  return true;
}

/** The member is a value. */
export function set(wrong: Json): Edit {
  return (owner, name) => {
    if (owner[name] === wrong) return false;
    owner[name] = wrong;
    return true;
  };
}
