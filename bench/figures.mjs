/**
 * @typedef {object} Figure What repeats of one measurement gave.
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/** How often each pair is measured. */
export const REPEATS = 5;

/**
 * @param {number[]} values At least one.
 * @returns {Figure}
 */
export function figureOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ index) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}

/**
 * Measures two peers in turn, so that a machine that gets slower or faster meanwhile does so for both: A B, B A, A B, …
 * Each is measured once before, which does not count; a single pair is a try without that.
 *
 * @template T
 * @param {number} repeats
 * @param {() => Promise<T>} ours
 * @param {() => Promise<T>} theirs
 * @returns {Promise<{ours: T, theirs: T}[]>}
 */
export async function measureInTurn(repeats, ours, theirs) {
  if (repeats > 1) {
    await ours();
    await theirs();
  }
  const pairs = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    if (repeat % 2 === 0) pairs.push({ ours: await ours(), theirs: await theirs() });
    else pairs.push(await theirs().then(async (result) => ({ theirs: result, ours: await ours() })));
  }
  return pairs;
}

/**
 * One line of a table: ours, theirs, and the ratio of each pair.
 *
 * @param {string} name
 * @param {number[][]} pairs `[ours, theirs]` of each repeat.
 * @param {number} digits After the point.
 * @param {string} [budget] What the ratio shall be.
 */
export function compare(name, pairs, digits, budget = '') {
  const [ours, theirs, ratio] = [
    pairs.map(([a = 0]) => a),
    pairs.map(([, b = 0]) => b),
    pairs.map(([a = 0, b = 1]) => a / b),
  ];
  return [name, print(ours, digits), print(theirs, digits), print(ratio, 2), budget];
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function printTable(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/**
 * @param {number[]} values
 * @param {number} digits
 */
function print(values, digits) {
  const show = (/** @type {number} */ value) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const { median, min, max } = figureOf(values);
  return values.length === 1 ? show(median) : `**${show(median)}** (${show(min)}–${show(max)})`;
}
