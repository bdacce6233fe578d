import { expect, test } from 'vitest';
import { call, change, chunk, text } from '../../test/mapping.js';
import { createLateOutput } from './late-output.js';

function told(...updates: Parameters<ReturnType<typeof createLateOutput>['add']>[0][]) {
  const late = createLateOutput();
  for (const update of updates) late.add(update, 'npm test');
  return late.take();
}

test('pieces of one message are one text', () => {
  const late = createLateOutput();
  late.add(chunk('one'));
  late.add(chunk(' two'));
  late.add(chunk('three', undefined, { messageId: 'another' }));
  expect(late.take()).toEqual([
    'The agent said, too late for its turn: one two',
    'The agent said, too late for its turn: three',
  ]);
  expect(late.take()).toEqual([]);
});

test('nothing is left out of a tool call, a plan and a thought', () => {
  const diff = { type: 'diff', path: '/w/a.ts', oldText: null, newText: 'new' };
  expect(told(change({ status: 'failed', content: [text('3 tests failed'), diff] }))).toEqual([
    'The tool call "npm test" went on after its turn: failed\n3 tests failed\n/w/a.ts\nnew',
  ]);
  expect(told(call({ title: 'ls', _meta: { terminal_output: { data: 'a.ts' } } }))[0]).toContain(
    '"ls" went on after its turn: a.ts',
  );
  expect(told(change({ rawOutput: { code: 1 } }))[0]).toContain('{"code":1}');
  expect(told({ sessionUpdate: 'plan', entries: [{ content: 'Look', status: 'completed' }] })[0]).toContain(
    'Look (completed)',
  );
  expect(told(chunk('hm', 'agent_thought_chunk'))[0]).toContain('thought, too late for its turn: hm');
  expect(told(chunk('again?', 'user_message_chunk'))[0]).toContain('again?');
});

test('a long text is in several, and no character is broken', () => {
  const long = `x${'😀'.repeat(9_000)}`;
  const pieces = told(chunk(long));
  expect(pieces.length).toBe(3);
  expect(pieces.map((piece) => piece.replace('The agent said, too late for its turn: ', '')).join('')).toBe(long);
  for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(8_192);
  expect(pieces.join('')).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
});
