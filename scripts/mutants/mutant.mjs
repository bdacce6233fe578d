import ts from 'typescript';

/**
 * One guard taken out, and the test that must notice. In the source a comment `// Without this: <name>` stands before the
 * guard: before a statement, a member of a class, or a member of an object. So lines can move, and files too.
 *
 * @typedef {object} Mutant
 * @property {string} name What the code does then, in a few words.
 * @property {string} [mark] What the comment says, where that is the name of another mutant.
 * @property {number} promise The promise of PROTOCOL.md that is broken then.
 * @property {Edit[]} [edits] What is changed in what is marked. Without edits it is taken out.
 * @property {string} test The file with the test.
 * @property {string} title Part of the titles of the tests of which one must fail.
 * @property {boolean} [short] Whether it belongs to the short form.
 */

/** @typedef {[part: string, replacement: string]} Edit A text that stands once in what is marked, and what takes its place. */

/** What a guard's comment begins with. */
export const MARK = '// Without this: ';

/**
 * @param {string} source
 * @returns {string[]} What its marks say, each once.
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
 * @throws Error where an edit is for a text that is not marked, or more than once.
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
 * @throws Error where an edit's text does not stand once in all of them.
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
 * @returns {[start: number, end: number][]} Where the marked pieces are, without their comments.
 */
function findMarked(source, mark) {
  const file = ts.createSourceFile('marked.ts', source, ts.ScriptTarget.Latest, true);
  /** @type {[number, number][]} */
  const pieces = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    const comments = isPiece(node) ? (ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []) : [];
    if (comments.some(({ pos, end }) => source.slice(pos, end) === MARK + mark)) {
      const end = node.getEnd();
      pieces.push([node.getStart(file), source[end] === ',' ? end + 1 : end]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return pieces;
}

/** @param {ts.Node} node */
function isPiece(node) {
  return (
    ts.isStatement(node) || ts.isClassElement(node) || ts.isObjectLiteralElement(node) || ts.isCaseOrDefaultClause(node)
  );
}
