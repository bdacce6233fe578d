import { expect, test } from 'vitest';

import { createEditBudget } from '../edit-budget.js';
import { holdEdits } from './held-edits.js';
import { createUpdateMapper } from './map-update.js';

const diff = (path: string, size: number) => ({ type: 'diff', path, oldText: null, newText: 'x'.repeat(size) });
const texts = ({ edits }: ReturnType<typeof holdEdits>) => edits.map(({ path, newText }) => [path, newText?.length]);

test('edits are kept whole as long as there is room, then their paths, then nothing but their number', () => {
  const budget = createEditBudget({ edits: 4, bytes: 100 });
  const whole = holdEdits([diff('a', 50), diff('b', 40)], budget);
  expect(texts(whole)).toEqual([
    ['a', 50],
    ['b', 40],
  ]);
  const paths = holdEdits([diff('c', 50)], budget);
  expect(paths).toMatchObject({ edits: [{ path: 'c', oldText: null, newText: null }], omitted: 0 });
  expect(holdEdits([diff('d', 0), diff('e', 0)], budget)).toMatchObject({ edits: [], omitted: 2 });
  whole.letGo();
  expect(texts(holdEdits([diff('f', 90)], budget))).toEqual([['f', 90]]);
});

test('the room is taken until the last one has let go, and from what agents share too', () => {
  const shared = createEditBudget({ edits: 10, bytes: 100 });
  const [one, other] = [1, 2].map(() => createEditBudget({ edits: 10, bytes: 80 }, shared));
  if (!one || !other) throw new Error('expected two budgets');
  const held = holdEdits([diff('a', 70)], one);
  held.hold();
  held.letGo();
  expect(texts(holdEdits([diff('b', 70)], other))).toEqual([['b', undefined]]);
  held.letGo();
  expect(texts(holdEdits([diff('b', 70)], other))).toEqual([['b', 70]]);
});

test('a path that no system takes, and more edits than one call may have, are counted', () => {
  const budget = createEditBudget({ edits: 10_000, bytes: 1e6 });
  const many = Array.from({ length: 1_030 }, (_, n) => diff(`${n}`, 1));
  expect(holdEdits([diff('x'.repeat(5_000), 1), ...many], budget)).toMatchObject({ omitted: 8 });
});

test('a tool call lets its edits go when they are replaced and when it ends', () => {
  const budget = createEditBudget({ edits: 1, bytes: 100 });
  const mapper = createUpdateMapper({ budget });
  mapper.startTurn('7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07');
  const update = (fields: object) => mapper.toolCall({ sessionUpdate: 'tool_call', toolCallId: 'c', ...fields });
  expect(update({ content: [diff('a', 90)] })?.held.omitted).toBe(0);
  expect(update({ content: [diff('a', 80)] })?.held).toMatchObject({ edits: [{ newText: 'x'.repeat(80) }] });
  mapper.endTurn(false);
  expect(budget.take({ edits: 1, bytes: 100 })).toBe(true);
});
