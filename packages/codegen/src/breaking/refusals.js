/**
 * @file What one side may send and the other one refuses: whether every value of one schema is a value of another, and
 * if not, each reason with its two places and a value that shows it.
 */
import { compareBounds, comparePatterns, compareValues } from './limits.js';
import { listOf, objectWith, smallest, smallestOf } from './samples.js';
import { anythingNode, splitByType, tagsOf } from './shapes.js';

/**
 * @typedef {object} Refusal
 * @property {string} rule The keyword that refuses, `property` for one that the reader does not know, `variant` for an
 * alternative that it does not know, `default` for an absence that it reads as something else.
 * @property {string} name What it is about: the keyword, property, value or variant.
 * @property {string | undefined} sent What the sender keeps to; undefined where the name says all.
 * @property {string | undefined} expected What the reader keeps to.
 * @property {string} sender The place in the sender's document.
 * @property {string} reader The place in the reader's document.
 * @property {any} sample A whole value that the sender may send.
 *
 * @typedef {import('./shapes.js').Node} Node
 * @typedef {import('./shapes.js').Shape} Shape
 */

/**
 * @param {{defaults?: boolean}} [options] `defaults`: also tell what both sides fill in differently where it is left out.
 * @returns {(sender: Node, reader: Node) => Refusal[]} Empty where the reader takes everything that the sender may
 * send. It remembers what it has compared.
 */
export function createComparison(options = {}) {
  const known = new Map();
  return compare;

  function compare(from, to) {
    if (!known.has(from)) known.set(from, new Map());
    const outcomes = known.get(from);
    if (!outcomes.has(to)) {
      // Inside itself a schema is compared by what is being found out about it already.
      outcomes.set(to, []);
      outcomes.set(
        to,
        from.shapes().flatMap((shape) => compareShape(shape, to)),
      );
    }
    return outcomes.get(to);
  }

  function compareShape(shape, to) {
    const candidates = to.shapes();
    if (shape.type === undefined && candidates.some(isAnything)) return [];
    return splitByType(shape).flatMap((one) => {
      const matching = chooseAlternatives(one, candidates);
      if (matching.length === 0) return [refuseType(one, to, candidates)];
      const outcomes = matching.map((candidate) => compareAlternative(one, candidate));
      return outcomes.sort((first, second) => first.length - second.length)[0];
    });
  }

  function compareAlternative(from, to) {
    if (to.open !== undefined) return [];
    return [
      ...compareValues(from, to),
      ...compareBounds(from, to),
      ...comparePatterns(from, to),
      ...compareItems(from, to),
      ...compareProperties(from, to),
      ...compareNames(from, to),
    ];
  }

  function compareItems(from, to) {
    if (from.type !== 'array' || from.bounds.get('maxItems')?.value === 0) return [];
    const items = from.items.length === 0 ? [anythingNode(from.place)] : from.items;
    return to.items.flatMap((expected) =>
      leastOf(items.map((item) => compare(item, expected))).map((refusal) => ({
        ...refusal,
        sample: [refusal.sample, ...listOf(from, Math.max(0, (from.bounds.get('minItems')?.value ?? 0) - 1))],
      })),
    );
  }

  function compareProperties(from, to) {
    if (from.type !== 'object') return [];
    const tag = [...from.required.keys()].find((name) => differInTag(from, to, name));
    if (tag !== undefined) return compareProperty(from, tag, to);
    const found = [];
    for (const [name, place] of to.required) {
      if (from.required.has(name)) continue;
      const { [name]: _, ...sample } = smallestOf(from);
      found.push(refuse('required', name, from.properties.get(name)?.place ?? from.place, place, sample));
    }
    for (const [name, node] of from.properties) {
      if (from.closed.some(({ names }) => !names.has(name))) continue;
      const unknown = to.closed.find(({ names }) => !names.has(name));
      if (unknown !== undefined) {
        const sample = objectWith(from, name, smallest(node) ?? null);
        found.push(refuse('property', name, node.place, unknown.place, sample));
        continue;
      }
      found.push(...compareProperty(from, name, to));
      const expected = to.properties.get(name);
      if (expected !== undefined && options.defaults && !from.required.has(name))
        found.push(...compareDefaults(from, name, node, expected));
    }
    if (from.closed.length === 0) found.push(...compareUnlisted(from, to));
    return found;
  }

  function compareProperty(from, name, to) {
    const [node, expected] = [from, to].map(({ properties }) => properties.get(name));
    if (node === undefined || expected === undefined) return [];
    return compare(node, expected).map((refusal) => ({ ...refusal, sample: objectWith(from, name, refusal.sample) }));
  }

  /** Names that the sender does not list and yet may send. */
  function compareUnlisted(from, to) {
    const [closed] = to.closed;
    if (closed !== undefined) {
      const sample = objectWith(from, 'unlisted', 1);
      return [refuse('property', 'any other property', from.place, closed.place, sample)];
    }
    return [...to.properties]
      .filter(([name]) => !from.properties.has(name))
      .flatMap(([name, node]) =>
        compare(anythingNode(from.place), node).map((refusal) => ({
          ...refusal,
          sample: objectWith(from, name, refusal.sample),
        })),
      );
  }

  function compareDefaults(from, name, node, expected) {
    const [before, after] = [node, expected].map((side) => side.shapes()[0]?.default);
    if (before === undefined || JSON.stringify(before) === JSON.stringify(after)) return [];
    const { [name]: _, ...sample } = smallestOf(from);
    const refusal = refuse('default', `default of ${name}`, node.place, expected.place, sample);
    return [
      { ...refusal, sent: JSON.stringify(before), expected: after === undefined ? 'none' : JSON.stringify(after) },
    ];
  }

  function compareNames(from, to) {
    if (from.type !== 'object' || from.closed.length > 0) return [];
    const names = from.names.length === 0 ? [anythingNode(from.place)] : from.names;
    return to.names.flatMap((expected) =>
      leastOf(names.map((node) => compare(node, expected)))
        .filter(({ sample }) => typeof sample === 'string')
        .map((refusal) => ({ ...refusal, sample: objectWith(from, refusal.sample, 1) })),
    );
  }
}

/** What is said by its name alone. @returns {Refusal} */
function refuse(rule, name, sender, reader, sample) {
  return { rule, name, sent: undefined, expected: undefined, sender, reader, sample };
}

function isAnything(shape) {
  return shape.type === undefined && shape.open === undefined;
}

/** The candidates to compare with: those of the same type, and of several objects those of the same tag. */
function chooseAlternatives(from, candidates) {
  const type = (to) => (from.type === 'integer' && to.type === 'number' ? 'integer' : to.type);
  const alike = candidates.filter((to) => to.type === undefined || type(to) === from.type);
  if (from.type !== 'object' || alike.length < 2) return alike;
  return alike.filter((to) => {
    if (to.open === undefined) return ![...from.required.keys()].some((name) => differInTag(from, to, name));
    const tags = tagsOf(from, to.open.property);
    return tags.length > 0 && tags.every((tag) => typeof tag === 'string' && !to.open.tags.has(tag));
  });
}

/** Only single values tell alternatives apart; sets of them are compared. */
function differInTag(from, to, name) {
  const [ours, theirs] = [tagsOf(from, name), tagsOf(to, name)];
  return ours.length === 1 && theirs.length === 1 && ours[0] !== theirs[0];
}

function refuseType(from, to, candidates) {
  const smallestOne = smallestOf(from);
  const isFraction = from.type === 'number' && candidates.some(({ type }) => type === 'integer');
  const sample = isFraction ? smallestOne + 0.5 : smallestOne;
  const isTagged = from.type === 'object' && candidates.some(({ type }) => type === 'object');
  if (isTagged) {
    const tag = Object.values(sample).find((value) => typeof value === 'string');
    return refuse('variant', `the variant ${tag}`, from.place, to.place, sample);
  }
  const expected = [...new Set(candidates.map(({ type }) => type))].join(' or ') || 'nothing';
  return { ...refuse('type', 'type', from.place, to.place, sample), sent: from.type, expected };
}

function leastOf(lists) {
  return lists.sort((first, second) => first.length - second.length)[0] ?? [];
}
