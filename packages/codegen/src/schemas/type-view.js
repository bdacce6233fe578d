/**
 * @file What openapi-typescript is given of a schema, so that the type takes every value that the schema allows. As it
 * stands it reads `type: object` without properties as an object that has none, leaves out names in `required` that no
 * property declares, and knows a schema without `type` as one of objects only.
 */
import { typesOf } from './typed.js';
import { isObjectAlone } from './walk.js';

/** What is told to the readers of a type. */
const NOTES = ['title', 'description', 'format', 'default', 'deprecated', 'readOnly', 'examples', 'example'];
const OF_OBJECTS = ['properties', 'patternProperties', 'additionalProperties', 'required'];
const OF_ARRAYS = ['items', 'prefixItems'];
const ANY_OBJECT = { type: 'object', additionalProperties: true };
const ANY_ARRAY = { type: 'array', items: {} };
/** What nothing fits. */
const NEVER = { enum: [] };

/**
 * @param {any} schema
 * @param {Record<string, any>} schemas The named schemas that it refers to.
 * @param {(ref: string) => string} rename The reference to use in place of another one.
 * @returns {any} A schema of the same values, or of more.
 */
export function viewForTypes(schema, schemas, rename = (ref) => ref) {
  /** With `isObject` something around the schema says already that the value is an object. */
  const view = (part, isObject) => {
    if (part === false) return NEVER;
    if (part === true) return {};
    if (typeof part.$ref === 'string') return { ...pick(part, ['description']), $ref: rename(part.$ref) };
    const notes = pick(part, NOTES);
    const values = viewValues(part);
    if (values !== undefined) return { ...notes, ...values };
    const onlyObjects = isObject || isObjectAlone(part, schemas);
    const inside = (member) => view(member, onlyObjects);
    const unions = ['anyOf', 'oneOf'].filter((keyword) => part[keyword] !== undefined);
    const parts = [
      ...(part.allOf ?? []).map(inside),
      ...unions.map((keyword) => ({ anyOf: part[keyword].map(inside) })),
    ];
    const isComposed = parts.length > 0;
    // Names that are only required say nothing of others, unless the schemas around them speak of those.
    const isFree = part.properties === undefined && !isObject && !isComposed;
    const core = viewTypes(part, { onlyObjects, isComposed, isFree }, (member) => view(member, false));
    const all = core === undefined ? parts : [core, ...parts];
    return all.length === 1 ? { ...all[0], ...notes } : { ...notes, ...(all.length === 0 ? {} : { allOf: all }) };
  };
  return view(schema, false);
}

/** The values that are listed; those that are no literals in TypeScript by their type alone. */
function viewValues(part) {
  if (part.const === undefined && part.enum === undefined) return undefined;
  const listed = part.const === undefined ? part.enum : [part.const];
  const scalars = listed.filter((value) => typeof value !== 'object' || value === null);
  const nested = listed.length === scalars.length ? [] : [...new Set(listed.filter(isNested).map(viewNested))];
  if (nested.length > 0) return { anyOf: [...(scalars.length > 0 ? [{ enum: scalars }] : []), ...nested] };
  if (part.const === null) return { type: 'null' };
  const type = typeof part.type === 'string' ? { type: part.type } : {};
  return part.const === undefined ? { ...type, enum: scalars } : { ...type, const: part.const };
}

function isNested(value) {
  return typeof value === 'object' && value !== null;
}

function viewNested(value) {
  return Array.isArray(value) ? ANY_ARRAY : ANY_OBJECT;
}

function viewTypes(part, { onlyObjects, isComposed, isFree }, view) {
  const isSilent = (keywords) => keywords.every((keyword) => part[keyword] === undefined);
  if (part.type === undefined && !onlyObjects) {
    if (isSilent([...OF_OBJECTS, ...OF_ARRAYS])) return undefined;
    const scalars = ['string', 'number', 'boolean', 'null'].map((type) => ({ type }));
    const object = isSilent(OF_OBJECTS) ? ANY_OBJECT : viewObject(part, isFree, view);
    return { anyOf: [object, isSilent(OF_ARRAYS) ? ANY_ARRAY : viewArray(part, view), ...scalars] };
  }
  const types = onlyObjects ? ['object'] : typesOf(part);
  if (onlyObjects && isComposed && isSilent(OF_OBJECTS)) return undefined;
  const views = types.map((type) => {
    if (type === 'object') return viewObject(part, isFree, view);
    return type === 'array' ? viewArray(part, view) : { type };
  });
  return views.length === 1 ? views[0] : { anyOf: views };
}

/** Names that only patterns or `additionalProperties` speak of have an index signature; beside properties it is wide. */
function viewObject(part, isFree, view) {
  const properties = { ...part.properties };
  for (const name of part.required ?? []) if (!Object.hasOwn(properties, name)) setOwn(properties, name, {});
  const names = Object.keys(properties);
  // Every object has a `toString`: TypeScript would hold it against the type of an optional one that is not there.
  const isInherited = (name) => name in Object.prototype && !part.required?.includes(name);
  const members = Object.fromEntries(names.map((name) => [name, isInherited(name) ? {} : view(properties[name])]));
  const { additionalProperties: others } = part;
  const patterns = Object.values(part.patternProperties ?? {});
  const said = [...patterns, ...(others === undefined || others === false ? [] : [others])];
  const isTyped = (patterns.length === 0 || others !== undefined) && names.length === 0;
  const object = {
    type: 'object',
    ...(names.length > 0 ? { properties: members } : {}),
    required: part.required ?? [],
  };
  if (said.length > 0) {
    const views = said.map(view);
    return { ...object, additionalProperties: isTyped ? (views.length === 1 ? views[0] : { anyOf: views }) : true };
  }
  if (others === undefined && (names.length === 0 || isFree)) return { ...object, additionalProperties: true };
  return object;
}

/** A tuple is made by `tupleType`, since openapi-typescript takes each of its elements for required. */
function viewArray(part, view) {
  if (part.prefixItems === undefined) return { type: 'array', items: view(part.items ?? true) };
  const rest = part.items ?? true;
  const { minItems = 0, maxItems } = part;
  const isClosed = rest === false || (maxItems !== undefined && maxItems <= part.prefixItems.length);
  return {
    type: 'array',
    prefixItems: part.prefixItems.map(view),
    minItems,
    ...(isClosed ? {} : { rest: view(rest) }),
  };
}

function pick(part, keywords) {
  return Object.fromEntries(keywords.filter((keyword) => keyword in part).map((keyword) => [keyword, part[keyword]]));
}

function setOwn(record, name, value) {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}
