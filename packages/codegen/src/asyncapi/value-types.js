/**
 * @file What the text of a query or of a header stands for, by what its schema allows.
 */
import { typesOf } from '../schemas/typed.js';
import { dereference } from '../schemas/walk.js';

const ALL = ['null', 'array', 'object', 'string', 'number', 'boolean'];

/**
 * @param {any} schema Of the whole query, or of all headers.
 * @param {Record<string, any>} schemas
 * @param {string} place
 * @returns {{named: Record<string, object>, others: object | undefined}} The rules of `validate/request.ts`.
 * @throws where a value can be nothing that text stands for.
 */
export function readValueTypes(schema, schemas, place) {
  const parts = partsOf(schema, schemas);
  const properties = parts.flatMap((part) => Object.entries(part.properties ?? {}));
  const read = (name, keyword) => {
    const declared = properties.filter(([known]) => known === name).map(([, property]) => property);
    return valueTypes({ allOf: declared }, schemas, `${place}/${keyword}/${name}`);
  };
  const others = parts.flatMap((part) => [part.additionalProperties, ...Object.values(part.patternProperties ?? {})]);
  const open = others.filter((part) => typeof part === 'object' && part !== null);
  return {
    named: Object.fromEntries(properties.map(([name]) => [name, read(name, 'properties')])),
    others: open.length === 0 ? undefined : valueTypes({ anyOf: open }, schemas, `${place}/additionalProperties`),
  };
}

/** A schema and those that it is made of. */
function partsOf(schema, schemas) {
  const found = dereference(schema, schemas);
  if (typeof found !== 'object' || found === null) return [];
  const inner = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => found[keyword] ?? []);
  return [found, ...inner.flatMap((part) => partsOf(part, schemas))];
}

function valueTypes(schema, schemas, place) {
  const types = possibleTypes(schema, schemas);
  const scalars = types.filter((type) => type !== 'array' && type !== 'object');
  if (types.length === ALL.length) return { one: ['string'] };
  if (!types.includes('array')) {
    if (scalars.length === 0) throw new Error(`${place}: expected something that text can stand for, got an object.`);
    return { one: scalars };
  }
  const items = itemsOf(schema, schemas);
  const inner = items.length === 0 ? ALL : possibleTypes({ anyOf: items }, schemas);
  const many = inner.length === ALL.length ? ['string'] : inner.filter((type) => type !== 'array' && type !== 'object');
  if (many.length === 0) throw new Error(`${place}/items: expected something that text can stand for, got none.`);
  return scalars.length === 0 ? { many } : { one: scalars, many };
}

function itemsOf(schema, schemas) {
  return partsOf(schema, schemas).flatMap(({ items, prefixItems = [] }) => [
    ...prefixItems,
    ...(typeof items === 'object' && items !== null ? [items] : []),
  ]);
}

/** The types that a value can have, as far as `type`, values and combinations say it; an integer is a number. */
function possibleTypes(schema, schemas) {
  const found = dereference(schema, schemas);
  if (typeof found !== 'object' || found === null) return ALL;
  const own = found.type === undefined ? ALL : typesOf(found).map((type) => (type === 'integer' ? 'number' : type));
  const values = found.const === undefined ? found.enum : [found.const];
  const sets = [
    own,
    ...(values === undefined ? [] : [values.map(typeOfValue)]),
    ...(found.allOf ?? []).map((part) => possibleTypes(part, schemas)),
    ...['anyOf', 'oneOf']
      .filter((keyword) => found[keyword] !== undefined)
      .map((keyword) => found[keyword].flatMap((part) => possibleTypes(part, schemas))),
  ];
  return ALL.filter((type) => sets.every((set) => set.includes(type)));
}

function typeOfValue(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
