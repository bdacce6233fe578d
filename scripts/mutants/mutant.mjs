/**
 * One guard taken out, and the test that must notice.
 *
 * @typedef {object} Mutant
 * @property {string} name What the code does then, in a few words.
 * @property {number} promise The promise of PROTOCOL.md that is broken then.
 * @property {string} file
 * @property {Edit[]} edits
 * @property {string} test The file with the test.
 * @property {string} title Part of the titles of the tests of which one must fail.
 * @property {boolean} [short] Whether it belongs to the short form.
 */

/** @typedef {[guard: string, replacement: string]} Edit A text that occurs once, and what takes its place. */

/**
 * @param {string} source
 * @param {Edit[]} edits
 * @returns {string} The source without the guard.
 */
export function mutate(source, edits) {
  return edits.reduce((text, [guard, replacement]) => {
    const [before, after, ...more] = text.split(guard);
    if (before === undefined || after === undefined || more.length > 0) {
      const times = text.split(guard).length - 1;
      throw new Error(`expected the guard once, found it ${times} times:\n${guard}`);
    }
    return `${before}${replacement}${after}`;
  }, source);
}
