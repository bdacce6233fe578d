/**
 * @file Who suffers from a change. A request is sent by an old client and read by the new server; an answer is sent by
 * the new server and read by an old client; what is stored was written by an old server and is read by the new one.
 */
import { createComparison } from './refusals.js';
import { createSide } from './shapes.js';

/**
 * @typedef {'request' | 'answer' | 'stored'} Direction
 *
 * @typedef {object} Change
 * @property {boolean} breaking
 * @property {string} direction Who sends what to whom.
 * @property {string[]} where The operations and frames that it concerns.
 * @property {string} rule
 * @property {string} what
 * @property {string} means What it means, and for whom.
 * @property {string | undefined} old A place in the old documents.
 * @property {string | undefined} new A place in the new ones.
 * @property {any} sample A value that shows it; undefined where there is nothing to show.
 */

const MEANS = {
  request: {
    breaking: 'An old client may send this; the new server refuses it.',
    compatible: 'The new server takes this too; old clients send what they sent.',
    narrower: 'Old clients do not send this.',
  },
  answer: {
    breaking: 'The new server may send this; an old client refuses it.',
    compatible: 'The new server may send this; an old client reads it or passes over it.',
    narrower: 'The new server does not send this any more; an old client does not need it.',
  },
  stored: { breaking: 'An old log may hold this; the new server does not take it for what it stores.' },
};
const LOST = 'The new server does not send this any more; an application that reads it finds nothing.';
const OTHERWISE = 'An old client that leaves it out gets something else from the new server.';

/**
 * @param {import('./contract.js').Contract} old
 * @param {import('./contract.js').Contract} current
 */
export function createJudge(old, current) {
  const sides = {
    old: createSide(old, 'strict'),
    reader: createSide(old, 'tolerant'),
    current: createSide(current, 'strict'),
  };
  const comparisons = {
    request: createComparison({ defaults: true }),
    answer: createComparison(),
    stored: createComparison(),
  };
  const findWider = createComparison();
  const findRefused = createComparison();
  /** @type {Map<string, Change>} */
  const changes = new Map();

  return {
    /** @returns {Change[]} Each once, whatever it concerns; the breaking ones first. */
    changes: () => [...changes.values()].sort((one, other) => Number(other.breaking) - Number(one.breaking)),

    /**
     * @param {string} where
     * @param {Partial<Change> & Pick<Change, 'breaking' | 'direction' | 'rule' | 'what' | 'means'>} change
     */
    tell(where, change) {
      add(where, { old: undefined, new: undefined, sample: undefined, ...change });
    },

    /**
     * Compares what goes one way.
     *
     * @param {Direction} direction
     * @param {string} label Who sends what, as people are to be told.
     * @param {string} where
     * @param {(side: import('./shapes.js').Side, isOld: boolean) => import('./shapes.js').Node} pick The schema of a side.
     */
    compare(direction, label, where, pick) {
      const [before, tolerant, after] = [pick(sides.old, true), pick(sides.reader, true), pick(sides.current, false)];
      const narrowed = fromOld(comparisons[direction](before, after));
      const widened = fromNew(findWider(after, before));
      if (direction === 'answer') {
        const lost = narrowed.filter(({ rule }) => rule === 'property').map((change) => ({ ...change, means: LOST }));
        const refused = fromNew(findRefused(after, tolerant));
        put([...refused, ...lost], widened, narrowed);
      } else put(narrowed, direction === 'request' ? widened : [], []);

      function put(breaking, wider, narrower) {
        const { [direction]: means } = MEANS;
        const known = new Set(breaking.map(keyOf));
        const free = (list) => list.filter((change) => !known.has(keyOf(change)));
        for (const change of breaking) {
          const said = change.rule === 'default' ? OTHERWISE : means.breaking;
          add(where, { means: said, ...change, direction: label, breaking: true });
        }
        for (const change of free(wider))
          add(where, { ...change, means: means.compatible, direction: label, breaking: false });
        for (const change of free(narrower))
          add(where, { ...change, means: means.narrower, direction: label, breaking: false });
      }
    },
  };

  function add(where, change) {
    const key = `${change.breaking} ${change.direction} ${change.what} ${keyOf(change)}`;
    const known = changes.get(key);
    if (known === undefined) changes.set(key, { ...change, where: [where] });
    else if (!known.where.includes(where)) known.where.push(where);
  }
}

function fromOld(refusals) {
  return refusals.map(({ sender, reader, name, sent, expected, ...change }) => {
    const what =
      sent === undefined
        ? `${name} is ${change.rule === 'required' ? 'needed' : 'gone'}`
        : `${name}: ${sent} → ${expected}`;
    return { ...change, what, old: sender, new: reader };
  });
}

function fromNew(refusals) {
  return refusals.map(({ sender, reader, name, sent, expected, ...change }) => {
    const what =
      sent === undefined
        ? `${name} ${change.rule === 'required' ? 'may be missing' : 'is new'}`
        : `${name}: ${expected} → ${sent}`;
    return { ...change, what, old: reader, new: sender };
  });
}

function keyOf({ rule, old, new: current }) {
  return `${rule} ${old} ${current}`;
}
