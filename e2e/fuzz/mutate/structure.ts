import type { Json } from '../../shared/document.js';
import type { Random } from '../../shared/random.js';
import { mutateValue, TEXTS } from './values.js';

/** Changes a JSON value at one random place: the value there, or its structure. */
export function mutateStructure(random: Random, value: Json): Json {
  const isLeaf = typeof value !== 'object' || value === null;
  if (isLeaf) return random.chance(0.8) ? mutateValue(random, value) : wrap(random, value);
  const keys = Object.keys(value);
  if (keys.length > 0 && random.chance(0.75)) {
    const index = random.integer(0, keys.length - 1);
    const change = (part: Json, at: number) => (at === index ? mutateStructure(random, part) : part);
    if (Array.isArray(value)) return value.map(change);
    return fromEntries(Object.entries(value).map(([key, part], at) => [key, change(part, at)]));
  }
  return Array.isArray(value) ? mutateArray(random, value) : mutateObject(random, value);
}

/** An object with these members, also with names such as `__proto__`. */
function fromEntries(members: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(members);
}

function mutateObject(random: Random, value: { [key: string]: Json }): Json {
  const members = Object.entries(value);
  const [first] = members;
  const rest = members.slice(1);
  return random.pick<() => Json>([
    () => fromEntries(rest),
    () => fromEntries(first ? [[first[0].toUpperCase(), first[1]], ...rest] : [['x', 1]]),
    () => fromEntries([...members, [random.pick(['extra', '__proto__', 'constructor', 'toString', ...TEXTS]), 1]]),
    () => fromEntries([...members, ['__proto__', { polluted: true }]]),
    () => fromEntries([...members, ...Array.from({ length: 300 }, (_, at): [string, Json] => [`member${at}`, at])]),
    () => fromEntries([...members, ['metadata', nested(random.pick([10, 63, 64, 65, 2_000]))]]),
    () => fromEntries([...members, ['metadata', { note: 'x'.repeat(random.pick([16_000, 16_384, 100_000])) }]]),
    () => members.map(([, part]) => part),
    () => members.map(([key, part]) => [key, part]),
    () => ({}),
    () => wrap(random, value),
  ])();
}

function mutateArray(random: Random, value: Json[]): Json {
  const [first = 1] = value;
  return random.pick<() => Json>([
    () => [],
    () => [...value, ...value],
    () => Array.from({ length: 1_100 }, () => first),
    () => [...value, null],
    () => first,
    () => ({ ...value }),
    () => wrap(random, value),
  ])();
}

function wrap(random: Random, value: Json): Json {
  return random.pick<() => Json>([
    () => [value],
    () => ({ value }),
    () => ({ $ref: '#/components/schemas/Submission' }),
    () => JSON.stringify(value),
    () => null,
    () => nested(random.pick([62, 70, 1_000])),
  ])();
}

function nested(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { n: value };
  return value;
}
