import { follow } from '../documents/documents.js';
import { elementsOf, escapeKey, find, isObject, type Json, membersOf, textAt } from '../documents/json.js';

/** A value that breaks exactly one constraint of a schema. */
export interface BadValue {
  readonly value: Json;
  /** The wrong place inside the value, as a JSON pointer. */
  readonly place: string;
  /** What is wrong, as a phrase that can follow `with`: `a number past its maximum`. */
  readonly what: string;
  /** The place of the constraint in openapi.yaml. */
  readonly pointer: string;
}

/** The most characters of a text: longer ones do not fit into a body. */
const MAX_TEXT = 600_000;

const BY_TYPE: Readonly<Record<string, Json>> = {
  number: 7,
  string: 'seven',
  boolean: true,
  array: [],
  object: {},
  null: null,
};

/** For each constraint of a schema of openapi.yaml and of its subschemas, a value that breaks it. */
export function badValuesOf(pointer: string, sample?: Json): BadValue[] {
  const { pointer: own, node } = follow(pointer);
  const variants = elementsOf(find(node, 'oneOf'));
  if (variants.length > 0) return badVariants(own, variants);
  return [
    ...badTypes(own, node),
    ...badTexts(own, node),
    ...badNumbers(own, node),
    ...badLists(own, node),
    ...badObjects(own, node, sample ?? sampleOf(own)),
  ];
}

/** A value that fits a schema: its example, or the simplest one that it allows. */
export function sampleOf(pointer: string): Json {
  const { pointer: own, node } = follow(pointer);
  const [given] = [
    elementsOf(find(node, 'examples'))[0],
    find(node, 'const'),
    elementsOf(find(node, 'enum'))[0],
  ].filter((value) => value !== undefined);
  if (given !== undefined) return given;
  if (elementsOf(find(node, 'oneOf')).length > 0) return sampleOf(`${own}/oneOf/0`);
  const [type] = typesOf(node);
  if (type === 'integer' || type === 'number') return find(node, 'minimum') ?? 1;
  if (type === 'array') return find(node, 'minItems') === undefined ? [] : [sampleOf(`${own}/items`)];
  if (type !== 'object') return BY_TYPE[type ?? 'string'] ?? null;
  const needed = elementsOf(find(node, 'required')).map(String);
  return Object.fromEntries(needed.map((name) => [name, sampleOf(`${own}/properties/${escapeKey(name)}`)]));
}

function badVariants(pointer: string, variants: readonly Json[]): BadValue[] {
  const below = variants.flatMap((_, index) => badValuesOf(`${pointer}/oneOf/${index}`));
  const named = textAt(follow(`${pointer}/oneOf/0`).node, 'properties', 'type', 'const') !== '';
  if (named) {
    const base = sampleOf(`${pointer}/oneOf/0`);
    const wrong: BadValue[] = [
      { value: { ...Object(base), type: 'unknown' }, place: '/type', what: 'an unknown type', pointer },
      { value: 7, place: '', what: 'a number in place of an object', pointer },
    ];
    return [...below.filter(({ place }) => place !== ''), ...wrong];
  }
  const types = variants.flatMap((_, index) => typesOf(follow(`${pointer}/oneOf/${index}`).node));
  const rest = below.filter(({ what }) => !what.includes('in place of'));
  return [...rest, ...wrongType(pointer, types)];
}

function badTypes(pointer: string, node: Json | undefined): BadValue[] {
  const types = typesOf(node);
  const values = elementsOf(find(node, 'enum'));
  const unlisted = values.length === 0 ? [] : [bad('unlisted', '', 'a value that is not listed', pointer)];
  const constant = find(node, 'const') === undefined ? [] : [bad('unlisted', '', 'another value', pointer)];
  return [...(types.length === 0 ? [] : wrongType(pointer, types)), ...unlisted, ...constant];
}

function wrongType(pointer: string, types: readonly string[]): BadValue[] {
  const allowed = types.map((type) => (type === 'integer' ? 'number' : type));
  return Object.entries(BY_TYPE)
    .filter(([type]) => !allowed.includes(type))
    .map(([type, value]) => bad(value, '', `${type} in place of ${types.join(' or ')}`, pointer));
}

function badTexts(pointer: string, node: Json | undefined): BadValue[] {
  if (!typesOf(node).includes('string')) return [];
  const { minLength, maxLength, pattern, format } = Object(node);
  const found: BadValue[] = [];
  if (minLength > 0) found.push(bad('', '', 'a text that is too short', pointer));
  if (maxLength < MAX_TEXT) found.push(bad(longText(pattern, maxLength + 1), '', 'a text that is too long', pointer));
  if (pattern !== undefined) {
    const expression = new RegExp(pattern, 'u');
    const odd = ['\u0000', 'a b', 'Ü', '-', '/'].find((text) => !expression.test(text) && text.length >= minLength);
    if (odd !== undefined) found.push(bad(odd, '', `a text that does not match ${pattern}`, pointer));
  }
  if (format === 'uuid') found.push(bad('no-uuid', '', 'a text that is not a UUID', pointer));
  return found;
}

function longText(pattern: string | undefined, length: number): string {
  return (pattern?.startsWith('^image') ? 'image/' : '').padEnd(length, 'a');
}

function badNumbers(pointer: string, node: Json | undefined): BadValue[] {
  const types = typesOf(node);
  const { minimum, maximum } = Object(node);
  return [
    ...(types.includes('integer') ? [bad(Number(minimum ?? 0) + 0.5, '', 'a number that is not whole', pointer)] : []),
    ...(minimum === undefined ? [] : [bad(minimum - 1, '', 'a number below its minimum', pointer)]),
    ...(maximum === undefined ? [] : [bad(maximum + 1, '', 'a number past its maximum', pointer)]),
  ];
}

function badLists(pointer: string, node: Json | undefined): BadValue[] {
  const { minItems, maxItems, items } = Object(node);
  if (items === undefined) return [];
  const one = sampleOf(`${pointer}/items`);
  const below = badValuesOf(`${pointer}/items`).map((item) => ({
    ...item,
    value: [item.value],
    place: `/0${item.place}`,
  }));
  return [
    ...(minItems > 0 ? [bad([], '', 'a list that is too short', pointer)] : []),
    ...(maxItems <= 1_000 ? [bad(Array(maxItems + 1).fill(one), '', 'a list that is too long', pointer)] : []),
    ...below,
  ];
}

function badObjects(pointer: string, node: Json | undefined, sample: Json): BadValue[] {
  if (!typesOf(node).includes('object') || !isObject(sample)) return [];
  const { required, properties, additionalProperties, maxProperties, propertyNames } = Object(node);
  const missing = elementsOf(required).map((name) => {
    const { [String(name)]: _, ...rest } = sample;
    return bad(rest, `/${name}`, `no ${name}`, pointer);
  });
  const below = membersOf(properties).flatMap(([name]) => {
    const key = escapeKey(name);
    const values = badValuesOf(`${pointer}/properties/${key}`);
    // Another value of `type` is another variant: `badVariants` covers it.
    return values
      .filter(({ what }) => !(name === 'type' && what === 'another value'))
      .map((one) => ({ ...one, value: { ...sample, [name]: one.value }, place: `/${key}${one.place}` }));
  });
  const many = Object.fromEntries(Array.from({ length: maxProperties + 1 || 0 }, (_, index) => [`p${index}`, 1]));
  const long = 'n'.repeat(propertyNames?.maxLength + 1 || 0);
  return [
    ...missing,
    ...below,
    ...(additionalProperties === false
      ? [bad({ ...sample, unexpected: 1 }, '/unexpected', 'an unknown property', pointer)]
      : []),
    ...(maxProperties === undefined ? [] : [bad(many, '', 'too many properties', pointer)]),
    ...(long === '' ? [] : [bad({ [long]: 1 }, `/${long}`, 'a property whose name is too long', pointer)]),
  ];
}

function typesOf(node: Json | undefined): string[] {
  const type = find(node, 'type');
  return typeof type === 'string' ? [type] : elementsOf(type).map(String);
}

function bad(value: Json, place: string, what: string, pointer: string): BadValue {
  return { value, place, what, pointer };
}
