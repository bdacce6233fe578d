/**
 * @typedef {object} Figure The results of the repeats of one measurement.
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/** How many times each comparison is measured. */
export const REPEATS = 5;

/** The head of a table of streams. The budget is for the ratio before it. */
export const STREAMS_HEAD = ['', 'Parley', 'bare `ws`', 'ratio', 'budget', 'Socket.IO', 'ratio'];

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
 * The median, and the quantiles of 99 % and 99.9 %.
 *
 * @param {number[]} values At least one.
 */
export function quantilesOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999) };
}

/**
 * Measures peers in turn (A B, B A, A B, …), so that a machine that gets slower or faster affects all of them. Each is
 * first measured once for warm-up, which does not count, unless there is only one repeat.
 *
 * @template T
 * @param {number} repeats
 * @param {(() => Promise<T>)[]} peers
 * @param {{warmUp?: boolean}} [options] False if each measurement has fresh processes anyway.
 * @returns {Promise<T[][]>} For each repeat the result of each peer, in the order of the peers.
 */
export async function measureInTurn(repeats, peers, { warmUp = repeats > 1 } = {}) {
  if (warmUp) for (const measure of peers) await measure();
  const results = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const isBackwards = repeat % 2 === 1;
    const result = [];
    for (const measure of isBackwards ? peers.toReversed() : peers) result.push(await measure());
    results.push(isBackwards ? result.reverse() : result);
  }
  return results;
}

/**
 * One line of a table: our value, then for each peer its value and the ratio of ours to it.
 *
 * @param {string} name
 * @param {number[][]} repeats `[ours, theirs, …]` of each repeat.
 * @param {number} digits Digits after the decimal point.
 * @param {string} [budget] The budget of the ratio to the first peer, or of our own value; '' for an empty cell.
 */
export function compare(name, repeats, digits, budget) {
  const of = (/** @type {number} */ peer) => repeats.map((values) => values[peer] ?? Number.NaN);
  const against = (/** @type {number} */ peer) => [
    print(of(peer), digits),
    print(
      repeats.map((values) => (values[0] ?? Number.NaN) / (values[peer] ?? Number.NaN)),
      2,
    ),
  ];
  const peers = (repeats[0] ?? []).slice(1).map((_, index) => against(index + 1));
  const [first = [], ...others] = peers;
  return [name, print(of(0), digits), ...first, ...(budget === undefined ? [] : [budget]), ...others.flat()];
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function printTable(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** @param {number} readers */
export function countReaders(readers) {
  return `${readers.toLocaleString('en')} ${readers === 1 ? 'reader' : 'readers'}`;
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
