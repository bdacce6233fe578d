/**
 * @file What one side may send and the other one refuses because of a limit: a set of values, a bound, a pattern.
 */
import { findEscape } from './language.js';
import { listOf, smallestOf, textOf } from './samples.js';

/** @typedef {import('./shapes.js').Shape} Shape */

/** Bounds with what they are when nobody says; `low` ones refuse what is below. */
const BOUNDS = [
  ...[
    ['minLength', true, 0, ['string']],
    ['maxLength', false, Number.POSITIVE_INFINITY, ['string']],
  ],
  ...[
    ['minItems', true, 0, ['array']],
    ['maxItems', false, Number.POSITIVE_INFINITY, ['array']],
  ],
  ...[
    ['minProperties', true, 0, ['object']],
    ['maxProperties', false, Number.POSITIVE_INFINITY, ['object']],
  ],
  ['minimum', true, Number.NEGATIVE_INFINITY, ['integer', 'number']],
  ['maximum', false, Number.POSITIVE_INFINITY, ['integer', 'number']],
  ['exclusiveMinimum', true, Number.NEGATIVE_INFINITY, ['integer', 'number']],
  ['exclusiveMaximum', false, Number.POSITIVE_INFINITY, ['integer', 'number']],
];

/** The values that one side lists. @param {Shape} from @param {Shape} to @returns {import('./refusals.js').Refusal[]} */
export function compareValues(from, to) {
  if (to.values === undefined) return [];
  const { list, place } = to.values;
  const expected = new Set(list.map((value) => JSON.stringify(value)));
  const others = from.values?.list.filter((value) => !expected.has(JSON.stringify(value)));
  if (others === undefined) {
    const sample = findOther(from, expected);
    if (sample === undefined) return [];
    return [
      {
        rule: 'enum',
        name: 'values',
        sent: `any ${from.type}`,
        expected: listed(list),
        sender: from.place,
        reader: place,
        sample,
      },
    ];
  }
  return others.map((sample) => ({
    rule: 'enum',
    name: `the value ${JSON.stringify(sample)}`,
    sent: undefined,
    expected: undefined,
    sender: from.values.place,
    reader: place,
    sample,
  }));
}

function findOther(from, expected) {
  const values = from.type === 'boolean' ? [true, false] : [smallestOf(from), textOf(from, 12), 'another'];
  return values.find((value) => value !== undefined && !expected.has(JSON.stringify(value)));
}

/** How long, how many, how great. @param {Shape} from @param {Shape} to @returns {import('./refusals.js').Refusal[]} */
export function compareBounds(from, to) {
  const found = [];
  for (const [keyword, isLow, unbounded, types] of BOUNDS) {
    const limit = to.bounds.get(keyword);
    if (limit === undefined || !types.includes(from.type)) continue;
    const own = ownBound(from, keyword, unbounded);
    if (from.values !== undefined) {
      const sample = from.values.list.find((value) => isOutside(keyword, measure(value), limit.value));
      if (sample !== undefined) found.push(boundRefusal(from, keyword, measure(sample), limit, sample));
    } else if (isLow ? own < limit.value : own > limit.value) {
      found.push(boundRefusal(from, keyword, own, limit, valueBeyond(from, keyword, limit.value, own)));
    }
  }
  for (const keyword of ['multipleOf', 'uniqueItems']) {
    const limit = to.bounds.get(keyword);
    const own = from.bounds.get(keyword);
    if (limit === undefined || (keyword === 'multipleOf' ? own?.value % limit.value === 0 : own !== undefined))
      continue;
    const sample = keyword === 'uniqueItems' ? listOf(from, 2) : smallestOf(from) + 1;
    found.push(boundRefusal(from, keyword, own?.value, limit, sample));
  }
  return found;
}

/** What a sender keeps to, said or not: names that it must or can only send count too. */
function ownBound(from, keyword, unbounded) {
  const said = from.bounds.get(keyword)?.value ?? unbounded;
  if (keyword === 'minProperties') return Math.max(said, from.required.size);
  if (keyword === 'maxProperties' && from.closed.length > 0) return Math.min(said, from.closed[0].names.size);
  if (keyword === 'minimum') return Math.max(said, from.bounds.get('exclusiveMinimum')?.value ?? unbounded);
  if (keyword === 'maximum') return Math.min(said, from.bounds.get('exclusiveMaximum')?.value ?? unbounded);
  return said;
}

function boundRefusal(from, keyword, own, limit, sample) {
  const sent = own === undefined || !Number.isFinite(Number(own)) ? 'none' : `${own}`;
  return {
    rule: keyword,
    name: keyword,
    sent,
    expected: `${limit.value}`,
    sender: from.bounds.get(keyword)?.place ?? from.place,
    reader: limit.place,
    sample,
  };
}

function isOutside(keyword, size, limit) {
  if (keyword === 'exclusiveMinimum') return size <= limit;
  if (keyword === 'exclusiveMaximum') return size >= limit;
  return keyword.startsWith('min') ? size < limit : size > limit;
}

function measure(value) {
  if (typeof value === 'string') return [...value].length;
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : value;
}

/** A value of the sender's that a bound of the reader's refuses. */
function valueBeyond(from, keyword, limit, own) {
  switch (keyword) {
    case 'maxLength':
      return textOf(from, limit + 1) ?? smallestOf(from);
    case 'maxItems':
      return listOf(from, limit + 1);
    case 'maxProperties':
      return {
        ...smallestOf(from),
        ...Object.fromEntries(Array.from({ length: limit + 1 }, (_, index) => [`unlisted_${index}`, 1])),
      };
    case 'maximum':
      return Number.isFinite(own) && from.bounds.has('maximum') ? own : limit + 1;
    case 'exclusiveMaximum':
      return limit;
    case 'exclusiveMinimum':
      return limit;
    case 'minimum':
      return Number.isFinite(own) ? smallestOf(from) : limit - 1;
    default:
      return smallestOf(from);
  }
}

/** What texts must look like. @param {Shape} from @param {Shape} to @returns {import('./refusals.js').Refusal[]} */
export function comparePatterns(from, to) {
  if (from.type !== 'string') return [];
  return to.patterns.flatMap((expected) => {
    if (from.patterns.some(({ regexp }) => `${regexp}` === `${expected.regexp}`)) return [];
    const escapes = escapesOf(from, expected.regexp);
    if (escapes.some((sample) => sample === undefined)) return [];
    const [sample] = escapes;
    const own = from.patterns.map(({ what }) => what).join(' and ') || 'any text';
    return [
      {
        rule: 'pattern',
        name: 'text',
        sent: own,
        expected: expected.what,
        sender: from.patterns[0]?.place ?? from.place,
        reader: expected.place,
        sample,
      },
    ];
  });
}

/** Texts that get past a pattern, one for each pattern of the sender's; undefined for one that lets none past. */
function escapesOf(from, expected) {
  if (from.values !== undefined) return [from.values.list.find((value) => !expected.test(value))];
  if (from.patterns.length === 0) return [findEscape(/(?:)/u, expected)];
  return from.patterns.map(({ regexp }) => findEscape(regexp, expected));
}

function listed(values) {
  return values.map((value) => JSON.stringify(value)).join(', ');
}
