import { at, elements, entries, resolve } from './documents.js';
import { drop, type Edit, type Json, type JsonObject, rename, retype, set } from './edit-json.js';
import type { Operator } from './mutant.js';

/** One wrong change of one field. */
export interface FieldMutation {
  readonly operator: Operator;
  /** The path from the top of the value; `*` is every element. */
  readonly path: readonly string[];
  readonly edit: Edit;
}

/** How many levels of fields are changed. */
const DEPTH = 3;

/**
 * Every change of a field that a tolerant reader cannot ignore: a required field that is missing or renamed, a wrong
 * type, a value outside of a closed list or a bound.
 *
 * @param home The document in which local references of the schema are resolved.
 */
export function mutateFields(schema: Json | undefined, home: JsonObject): FieldMutation[] {
  const all = mutateBelow(schema, home, []).map((found) => [`${found.operator} ${found.path}`, found] as const);
  // Parts of an allOf may have the same field. The last one counts, since it is the narrower one.
  return [...new Map(all).values()];
}

function mutateBelow(schema: Json | undefined, home: JsonObject, path: readonly string[]): FieldMutation[] {
  const node = resolve(schema, home);
  if (path.length >= DEPTH) return [];
  const required = elements(at(node, 'required'));
  return [
    ...elements(at(node, 'allOf')).flatMap((part) => mutateBelow(part, home, path)),
    ...(at(node, 'items') === undefined ? [] : mutateBelow(at(node, 'items'), home, [...path, '*'])),
    ...entries(at(node, 'properties')).flatMap(([name, property]) => {
      const here = [...path, name];
      const missing = required.includes(name)
        ? ([
            { operator: 'drop', path: here, edit: drop },
            { operator: 'rename', path: here, edit: rename },
          ] as const)
        : [];
      return [...missing, ...mutateValue(resolve(property, home), here), ...mutateBelow(property, home, here)];
    }),
  ];
}

function mutateValue(schema: Json | undefined, path: readonly string[]): FieldMutation[] {
  const type = at(schema, 'type');
  const types = typeof type === 'string' ? [type] : elements(type);
  // A value that may be anything, or one of several variants, gets no wrong type here.
  if (types.length === 0) return [];
  const minimum = at(schema, 'minimum');
  const isClosed = at(schema, 'const') !== undefined || (at(schema, 'enum') !== undefined && !isExtensible(schema));
  return [
    { operator: 'retype', path, edit: retype },
    ...(isClosed ? [{ operator: 'wrong value', path, edit: set('no such value') } as const] : []),
    ...(typeof minimum === 'number' ? [{ operator: 'off by one', path, edit: set(minimum - 1) } as const] : []),
  ];
}

function isExtensible(schema: Json | undefined): boolean {
  return at(schema, 'x-extensible') === true;
}
