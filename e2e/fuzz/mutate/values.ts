import type { Json } from '../../shared/document.js';
import type { Random } from '../../shared/random.js';

const LONG = 'x'.repeat(9_000);

/** Texts that have broken programs before. */
export const TEXTS: readonly [string, ...string[]] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udc00b',
  '\ufeff',
  '\u202e\u2066',
  '\r\nX-Injected: 1',
  '😀'.repeat(200),
  LONG,
  'null',
  '__proto__',
  'constructor',
  '../../../../etc/passwd',
  '/proc/self/environ',
  '/dev/null',
  '~',
  '%s%n%x',
  '{{7*7}}',
  '--help',
  "' OR 1=1 --",
  '550E8400-E29B-41D4-A716-446655440000',
  '550e8400-e29b-41d4-a716-44665544000g',
  '00000000-0000-0000-0000-000000000000',
  '/nothing',
  '/flood-not',
  'e\u0301',
];

/** Numbers at the limits of number types. */
export const NUMBERS: readonly [number, ...number[]] = [
  0,
  -0,
  -1,
  1,
  0.5,
  1e-320,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  1e308,
  -1e308,
  8.64e15,
  8.64e15 + 1,
];

/** Another value for a simple value: near the old one, or of another type. */
export function mutateValue(random: Random, value: Json): Json {
  if (random.chance(0.3))
    return random.pick<Json>([null, true, false, {}, [], random.pick(NUMBERS), random.pick(TEXTS)]);
  if (typeof value === 'number') return random.pick([value + 1, value - 1, -value, value + 0.5, random.pick(NUMBERS)]);
  if (typeof value === 'boolean') return random.pick<Json>([!value, Number(value), String(value)]);
  if (typeof value !== 'string') return random.pick<Json>([0, '', 'null', {}]);
  return random.pick([
    random.pick(TEXTS),
    value.toUpperCase(),
    `${value} `,
    value.slice(0, -1),
    `${value}${random.pick(TEXTS)}`,
    value.repeat(random.pick([2, 40, 300])),
    [...value].reverse().join(''),
  ]);
}
