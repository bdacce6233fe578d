/**
 * @file What remains where a value must have a shape of several lists, as with `allOf`.
 */

export const LOWER = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'];
export const UPPER = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'];

/** The shapes of what must have a shape of both lists. */
export function intersect(first, second) {
  return first.flatMap((one) => second.flatMap((other) => both(one, other)));
}

function both(one, other) {
  const type = commonType(one.type, other.type);
  if (type === null) return [];
  const bounds = new Map(one.bounds);
  for (const [keyword, bound] of other.bounds) {
    const known = bounds.get(keyword);
    if (known === undefined || isNarrower(keyword, bound.value, known.value)) bounds.set(keyword, bound);
  }
  const properties = new Map(one.properties);
  for (const [name, node] of other.properties) {
    const known = properties.get(name);
    const merged = lazy(node.place, () => intersect(known.shapes(), node.shapes()));
    properties.set(name, known === undefined ? node : merged);
  }
  const merged = {
    type,
    place: isEmpty(one) ? other.place : one.place,
    values: commonValues(one.values, other.values),
    bounds,
    patterns: [...one.patterns, ...other.patterns],
    items: [...one.items, ...other.items],
    properties,
    required: new Map([...one.required, ...other.required]),
    closed: [...one.closed, ...other.closed],
    names: [...one.names, ...other.names],
    open: one.open ?? other.open,
    default: one.default ?? other.default,
  };
  return merged.values?.list.length === 0 ? [] : [merged];
}

function isEmpty(shape) {
  return shape.type === undefined && shape.properties.size === 0;
}

function commonType(one, other) {
  if (one === other || other === undefined) return one;
  if (one === undefined) return other;
  const numbers = [one, other].sort().join(' ');
  return numbers === 'integer number' ? 'integer' : null;
}

function isNarrower(keyword, value, known) {
  if (LOWER.includes(keyword)) return value > known;
  return UPPER.includes(keyword) && value < known;
}

function commonValues(one, other) {
  if (one === undefined || other === undefined) return one ?? other;
  const known = new Set(other.list.map((value) => JSON.stringify(value)));
  return { list: one.list.filter((value) => known.has(JSON.stringify(value))), place: one.place };
}

/**
 * A node whose shapes are found out when somebody asks.
 *
 * @param {string} place
 * @param {() => import('./shapes.js').Shape[]} make
 * @returns {import('./shapes.js').Node}
 */
export function lazy(place, make) {
  let shapes;
  return {
    place,
    shapes() {
      shapes ??= make();
      return shapes;
    },
  };
}
