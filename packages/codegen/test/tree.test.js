import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillTables } from '../src/asyncapi/tables.js';
import { generateProject, readDocument } from './helpers/generated.js';
import { createOracle, mutate } from './helpers/oracle.js';

const leaf = { label: 'b', style: { color: '#00ff00', '--x': 'y', 'min-width': 3 } };
const good = {
  Node: [{ label: 'a', children: [leaf, { label: 'c', parent: null }], parent: leaf }],
  Forest: [[[], [[], []]]],
  Expression: [
    { op: 'literal', value: true },
    {
      op: 'total',
      terms: [
        { op: 'literal', value: 1 },
        { op: 'sum', terms: [{ op: 'literal', value: 2 }] },
      ],
    },
  ],
  Style: [{ color: [0, 128, 255], 'border-width': 0 }],
  Change: [{ line: 1, node: leaf, before: { any: 'thing' } }],
  Query: [
    {
      expression: { op: 'literal', value: 1 },
      forest: [[]],
      limit: 12,
      paging: { after: 'x', size: 1 },
      by: { name: 'n' },
    },
    { expression: { op: 'literal', value: 1 }, by: { id: 1 } },
  ],
  Snapshot: [{ root: leaf, rank: 2, marks: [[1], [2]], flags: ['a', 'main'], origin: { by: ['user'] } }],
  Diagnostics: [
    { level: 'error', fix: 'long text' },
    { level: 'warning', fix: 'abc' },
  ],
};

describe('a document with recursive and shared schemas', () => {
  const { text, document } = readDocument('tree');
  /** @type {Awaited<ReturnType<typeof generateProject>>} */
  let project;
  let code;
  beforeAll(async () => {
    project = await generateProject(text);
    code = await project.load();
  });
  afterAll(() => project.remove());

  it('gives modules that compile under strict, with types that follow the recursion', () => {
    const use = `
import { type EditorServerHandlers, handleEditorClientFrame } from './handlers.js';
import type { Change, Expression, Node, Query } from './types.js';
export const depth = (node: Node): number => 1 + Math.max(0, ...(node.children ?? []).map(depth));
export const evaluate = (expression: Expression): number =>
  expression.op === 'literal' ? Number(expression.value) : expression.terms.reduce((sum, term) => sum + evaluate(term), 0);
export const handlers: EditorServerHandlers<void, string> = { edit: (frame: Change | Query) => Object.keys(frame).join() };
export const first = (frame: Change | Query): string => handleEditorClientFrame(handlers, frame, undefined);
// @ts-expect-error a label is text
export const node: Node = { label: 5 };
`;
    expect(project.compile(use)).toEqual([]);
  });

  it.each(['strict', 'tolerant'])('agrees with Ajv on every value near a good one, %s', (mode) => {
    const oracle = createOracle(document.components.schemas, mode);
    let count = 0;
    for (const [name, values] of Object.entries(good)) {
      for (const value of values.flatMap((one) => [one, ...mutate(one)])) {
        const ours = code[`${mode}${name}`](value).ok;
        expect({ name, value, fits: ours }).toEqual({ name, value, fits: oracle(name, value) });
        count++;
      }
    }
    for (const [name, values] of Object.entries(good)) {
      for (const value of values) expect(code[`${mode}${name}`](value)).toEqual({ ok: true, value });
    }
    expect(count).toBeGreaterThan(500);
  });

  it('validates frames that nothing tells apart against each of them', () => {
    expect(code.parseEditorClientFrame(JSON.stringify(good.Change[0])).ok).toBe(true);
    expect(code.parseEditorClientFrame(JSON.stringify(good.Query[0])).ok).toBe(true);
    expect(code.parseEditorClientFrame('{"line":0}').ok).toBe(false);
  });

  it('tells about the variant that is nearest to the value', () => {
    const color = (value) => code.strictStyle({ color: value }).problems;
    expect(color([1, 2])).toEqual([
      { pointer: '/color', keyword: 'minItems', message: 'expected at least 3 items, got 2' },
    ]);
    expect(color(5)).toEqual([
      { pointer: '/color', keyword: 'anyOf', message: 'expected string or array, got number' },
    ]);
    const node = { label: 'a', children: [{ label: 'b', children: [{ label: 5 }] }] };
    expect(code.strictNode(node).problems).toEqual([
      { pointer: '/children/0/children/0/label', keyword: 'type', message: 'expected string, got number' },
    ]);
  });

  it('throws for no value: not for what is no JSON, and not for what is nested too deep', () => {
    for (const value of [undefined, () => 1, Symbol('x'), 1n, Number.NaN, new Date()]) {
      expect(code.strictNode(value).ok).toBe(false);
      expect(code.strictNode({ label: value }).ok).toBe(false);
    }
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(code.strictForest(deep).problems).toEqual([
      { pointer: '', keyword: 'depth', message: 'expected fewer levels of nesting' },
    ]);
  });

  it('lists a bounded number of problems', () => {
    const forest = Array.from({ length: 500 }, () => 'x');
    expect(code.strictForest(forest).problems.length).toBeLessThanOrEqual(64);
  });

  it('writes tables for the prose, where it is marked for them', () => {
    const tables = project.files.get('tables.md') ?? '';
    expect(tables).toContain('| `op` | fields | meaning |');
    expect(tables).toContain('| `Busy` | 409 | 4001 | yes | Somebody else \\| edits. |');
    const prose = 'a\n<!-- generated:errors -->\nold\n<!-- /generated:errors -->\nb';
    const filled = fillTables(prose, tables);
    expect(filled).toMatch(
      /^a\n<!-- generated:errors -->\n\| code .*\n\| --- .*\n\| `Busy` .*\n<!-- \/generated:errors -->\nb$/,
    );
    expect(fillTables(filled, tables)).toBe(filled);
    expect(() => fillTables('<!-- generated:nothing -->\n<!-- /generated:nothing -->', tables)).toThrow(
      'There is no table nothing; there are frames,',
    );
    expect(() => fillTables('<!-- generated:errors -->\n', tables)).toThrow('is not closed');
  });
});
