import { at, elements, entries, resolve } from './documents.js';
import { drop, type Edit, type Json, type JsonObject, rename, retype, set } from './edit-json.js';
import type { Operator } from './mutant.js';

/** A way to be wrong about one field. */
export interface FieldMutation {
  readonly operator: Operator;
  /** From the top of the value; `*` is every element. */
  readonly path: readonly string[];
  readonly edit: Edit;
}

/** How deep fields are looked for: those of a message, of what is in it, and of what is in that. */
const DEPTH = 3;

/**
 * Every way to be wrong about a field of a schema that a tolerant reader cannot pass over: a required one that is not
 * there or has another name, one of another type, a value outside of a closed list or a bound.
 *
 * @param home The document that the schema's own references are of.
 */
export function mutateFields(schema: Json | undefined, home: JsonObject): FieldMutation[] {
  const all = mutateBelow(schema, home, []).map((found) => [`${found.operator} ${found.path}`, found] as const);
  // Parts of an allOf may have the same field: the last one of them counts, which is the narrower.
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
  // What may be anything, or is one of several, cannot be of a wrong type here.
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
