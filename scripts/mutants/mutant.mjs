import { parseSync } from 'oxc-parser';

/**
 * One guard that is removed, and the test that must fail then. In the source a comment `// Without this: <name>` marks
 * the guard: the statement, class member or object member after it. So lines and files can move.
 *
 * @typedef {object} Mutant
 * @property {string} name What the code does without the guard, in a few words.
 * @property {string} [mark] The text of the comment. Default: the name.
 * @property {number | 'S'} promise The promise of PROTOCOL.md that is broken without the guard; `S` for SECURITY.md.
 * @property {Edit[]} [edits] Changes in the marked code. Default: it is removed.
 * @property {string} test The file with the test.
 * @property {string} title A part of test titles. One of these tests must fail.
 * @property {boolean} [short] Whether it belongs to the short form.
 */

/**
 * @typedef {[part: string, replacement: string]} Edit A text that occurs once in the marked code, and its replacement.
 */

/** The beginning of a guard's comment. */
export const MARK = '// Without this: ';

/**
 * @param {string} source
 * @returns {string[]} The texts of its marks, each once.
 */
export function listMarks(source) {
  const marks = source
    .split('\n')
    .flatMap((line) => (line.trim().startsWith(MARK) ? [line.trim().slice(MARK.length)] : []));
  return [...new Set(marks)];
}

/**
 * @param {string} source
 * @param {Pick<Mutant, 'name' | 'mark' | 'edits'>} mutant
 * @returns {string} The source without the guard.
 * @throws Error if the text of an edit is not in the marked code, or more than once.
 */
export function mutate(source, { name, mark = name, edits }) {
  const places = findMarked(source, mark);
  const pieces =
    edits &&
    replaceEach(
      places.map(([start, end]) => source.slice(start, end)),
      edits,
    );
  return places.reduceRight((text, [start, end], index) => {
    return text.slice(0, start) + (pieces?.[index] ?? '') + text.slice(end);
  }, source);
}

/**
 * @param {string[]} pieces
 * @param {Edit[]} edits
 * @returns {string[]} The pieces with each edit made, one after another.
 * @throws Error if the text of an edit does not occur exactly once in all of them.
 */
export function replaceEach(pieces, edits) {
  return edits.reduce((before, [part, replacement]) => {
    const times = before.reduce((sum, piece) => sum + piece.split(part).length - 1, 0);
    if (times !== 1) throw new Error(`expected this once, found it ${times} times:\n${part}`);
    return before.map((piece) => piece.split(part).join(replacement));
  }, pieces);
}

/**
 * @param {string} source
 * @param {string} mark
 * @returns {[start: number, end: number][]} The positions of the marked code, without the comments.
 */
function findMarked(source, mark) {
  const { program, comments } = parseSync('marked.ts', source);
  const marks = comments.filter(({ start, end }) => source.slice(start, end) === MARK + mark);
  const isMarked = (/** @type {Piece} */ { start }) =>
    marks.some((comment) => comment.end <= start && isBetween(source.slice(comment.end, start)));
  return piecesOf(program)
    .filter(isMarked)
    .map(({ start, end }) => [start, source[end] === ',' ? end + 1 : end]);
}

/** Whether a text is nothing but white space and comments. @param {string} text */
function isBetween(text) {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').trim() === '';
}

/** @typedef {{type: string, start: number, end: number}} Piece A node of a syntax tree. */

/**
 * @param {unknown} node
 * @returns {Piece[]} The statements and members in it, in the order of the text.
 */
function piecesOf(node) {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'type' in node && PIECES.test(String(node.type)) ? [/** @type {Piece} */ (node)] : [];
  return [...own, ...Object.values(node).flatMap(piecesOf)];
}

const PIECES =
  /^(?:\w+Statement|\w+Declaration|PropertyDefinition|MethodDefinition|StaticBlock|Property|SpreadElement|SwitchCase)$/;
