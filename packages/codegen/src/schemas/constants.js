/**
 * @file Names of what compiled checks are made of. A name says what it holds or where it belongs, and never its place in
 * a row, so that one more field changes its own lines alone.
 */
import { createHash } from 'node:crypto';

const LONGEST = 40;

/** The names of one module's constants and functions; each is given once. */
export function createConstants() {
  /** @type {Map<string, string>} */
  const names = new Map();
  const taken = new Set();
  const take = (name, whole) => {
    let free = name;
    while (taken.has(free)) free = `${free}_${digest(whole)}`;
    taken.add(free);
    return free;
  };
  const own = (kind, place, whole = place.join('/')) => {
    const words = place.filter((word) => word !== 'properties').map((word) => word.replace(/\W+/g, '_'));
    return take([kind, ...words].join('_'), whole);
  };

  return {
    /**
     * A constant; the same expression is the same constant. A short one is named by what it holds, such as `text_1_64`,
     * another one by the first part of a schema that needs it, such as `choice_ErrorCode`.
     *
     * @param {string} expression A call, a set of names, or a regular expression.
     * @param {string[]} place
     */
    name(expression, place) {
      if (!names.has(expression)) {
        const content = contentName(expression);
        names.set(
          expression,
          content === undefined ? own(kindOf(expression), place, expression) : take(content, expression),
        );
      }
      return names.get(expression);
    },

    /** A function, named by the part of a schema that it checks, such as `object_Session_limits`. @param {string} kind @param {string[]} place */
    function: (kind, place) => own(kind, place),

    /** The declarations of the constants, in the order in which they were needed. */
    text() {
      return [...names].map(([expression, name]) => `const ${name} = /* @__PURE__ */ ${expression};\n`).join('');
    },
  };
}

/** `text(undefined, 64)` is `text__64`; undefined where a name would hide what is in it, or would be too long. */
function contentName(expression) {
  if (!/^\w+\([\w$ ,.'"[\]-]*\)$/.test(expression)) return undefined;
  const words = expression.replace(/["')\]]+$/, '').split(/, |[^\w$-]+/);
  const name = words.map((word) => (word === 'undefined' ? '' : word.replaceAll('-', 'minus'))).join('_');
  return name.length > LONGEST ? undefined : name;
}

function kindOf(expression) {
  if (expression.startsWith('/')) return 'pattern';
  return expression.startsWith('new Set') ? 'names' : expression.slice(0, expression.indexOf('('));
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}
