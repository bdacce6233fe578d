/**
 * @typedef {object} Figure What repeats of one measurement gave.
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/** How often each comparison is measured. */
export const REPEATS = 5;

/** The head of a table of streams; the budget is for the ratio before it. */
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
 * The values that half of all, 99 % and 99.9 % do not exceed.
 *
 * @param {number[]} values At least one.
 */
export function quantilesOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999) };
}

/**
 * Measures peers in turn, so that a machine that gets slower or faster meanwhile does so for all: A B, B A, A B, …
 * Each is measured once before, which does not count; a single repeat is a try without that.
 *
 * @template T
 * @param {number} repeats
 * @param {(() => Promise<T>)[]} peers
 * @param {{warmUp?: boolean}} [options] Without, where each measurement is of fresh processes anyway.
 * @returns {Promise<T[][]>} For each repeat what each peer gave, in the order of the peers.
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
 * One line of a table: ours, then of each peer what it gave and the ratio of ours to it in each repeat.
 *
 * @param {string} name
 * @param {number[][]} repeats `[ours, theirs, …]` of each repeat.
 * @param {number} digits After the point.
 * @param {string} [budget] What the ratio to the first peer shall be, or our own figure; '' for an empty cell.
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
