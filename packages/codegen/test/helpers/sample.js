/**
 * @file Values that a schema probably allows, drawn at random.
 */
import { typesOf } from '../../src/schemas/typed.js';
import { dereference } from '../../src/schemas/walk.js';

/** Texts of which one fits most patterns and formats of the test documents. */
const TEXTS = [
  ...['', 'a', 'ab', 'abc', 'A', '12.50', '0.07', 'a1', 'h8', '#0af', '123', '1234', 'x y', 'a/b', 'user@example.org'],
  ...['550e8400-e29b-41d4-a716-446655440000', '2026-11-22', '2026-11-22T10:00:00Z', 'http://a.example/b', '10.0.0.1'],
];
const NAMES = ['a1', 'h8', 'more', 'toString', 'k-1'];
const DEEPEST = 5;

/**
 * @param {any} schema
 * @param {Record<string, any>} schemas The named schemas that it refers to.
 * @param {() => number} random From 0 to 1.
 * @param {number} [depth]
 * @returns {any}
 */
export function sampleOf(schema, schemas, random, depth = 0) {
  const found = dereference(schema, schemas);
  if (typeof found !== 'object') return pick(TEXTS, random);
  if (found.const !== undefined) return found.const;
  if (found.enum !== undefined) return pick(found.enum, random);
  const variants = [found.anyOf, found.oneOf].filter((list) => list?.length > 0).map((list) => pick(list, random));
  const parts = [...(found.allOf ?? []), ...variants].map((part) => sampleOf(part, schemas, random, depth + 1));
  const isTyped = found.type !== undefined || found.properties !== undefined || found.required !== undefined;
  if (parts.length > 0 && !isTyped) return parts.length === 1 ? parts[0] : merge(parts);
  const type = found.type === undefined ? guessType(found) : pick(typesOf(found), random);
  const own = createSamplers(found, schemas, random, depth)[type]();
  return parts.length === 0 ? own : merge([own, ...parts]);
}

function createSamplers(schema, schemas, random, depth) {
  const inside = (part) => sampleOf(part ?? true, schemas, random, depth + 1);
  const isDeep = depth > DEEPEST;
  return {
    null: () => null,
    boolean: () => random() < 0.5,
    string: () => text(schema, random),
    number: () => number(schema, random) + (random() < 0.3 && schema.multipleOf === undefined ? 0.5 : 0),
    integer: () => number(schema, random),
    array: () => {
      const { prefixItems = [], items, minItems = 0, maxItems = minItems + 2 } = schema;
      const length = isDeep ? minItems : minItems + Math.floor(random() * (maxItems - minItems + 1));
      const last = items === false ? Math.min(length, prefixItems.length) : length;
      return Array.from({ length: last }, (_, index) => inside(prefixItems[index] ?? items));
    },
    object: () => {
      const { properties = {}, required = [], additionalProperties: others, patternProperties = {} } = schema;
      const optional = Object.keys(properties).filter(() => !isDeep && random() < 0.6);
      const entries = [...new Set([...required, ...optional])].map((name) => {
        return [name, inside(Object.hasOwn(properties, name) ? properties[name] : true)];
      });
      for (const [pattern, part] of isDeep ? [] : Object.entries(patternProperties)) {
        const name = NAMES.find((one) => new RegExp(pattern, 'u').test(one));
        if (name !== undefined && random() < 0.7) entries.push([name, inside(part)]);
      }
      if (typeof others === 'object' && !isDeep && random() < 0.7) entries.push([pick(NAMES, random), inside(others)]);
      return Object.fromEntries(entries);
    },
  };
}

function text({ minLength = 0, maxLength = 40, pattern, format }, random) {
  const fits = TEXTS.filter((one) => pattern === undefined || new RegExp(pattern, 'u').test(one));
  const hints = { uuid: 15, date: 16, 'date-time': 17, uri: 18, ipv4: 19, email: 14, hostname: 1 };
  if (format in hints) return TEXTS[hints[format]];
  const long = fits.filter((one) => one.length >= minLength && one.length <= maxLength);
  return long.length > 0 ? pick(long, random) : 'a'.repeat(minLength);
}

function number({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf = 1 }, random) {
  const least =
    minimum ?? (exclusiveMinimum === undefined ? (maximum ?? exclusiveMaximum ?? 0) - 3 : exclusiveMinimum + 1);
  const most = maximum ?? (exclusiveMaximum === undefined ? least + 6 : exclusiveMaximum - 1);
  return Math.ceil((least + Math.floor(random() * (most - least + 1))) / multipleOf) * multipleOf;
}

function guessType({ properties, required, items, prefixItems, minLength }) {
  if (properties !== undefined || required !== undefined) return 'object';
  if (items !== undefined || prefixItems !== undefined) return 'array';
  return minLength === undefined ? 'boolean' : 'string';
}

function merge(values) {
  const objects = values.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
  return objects.length === values.length ? Object.assign({}, ...objects) : values.at(-1);
}

function pick(list, random) {
  return list[Math.floor(random() * list.length)];
}
