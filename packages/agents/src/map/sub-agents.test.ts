import { expect, test } from 'vitest';

import { end, events, mapInEachTest, send } from '../../test/mapping.js';

mapInEachTest();

/** As Claude Code sends it. */
const by = (parentToolUseId?: string, toolName?: string) => ({
  _meta: { claudeCode: { ...(toolName && { toolName }), ...(parentToolUseId && { parentToolUseId }) } },
});
const task = (id: string, parent?: string) => ({
  ...{ sessionUpdate: 'tool_call', toolCallId: id, title: `Task ${id}`, kind: 'think', status: 'in_progress' },
  ...by(parent, 'Agent'),
});
const said = (text: string, parent?: string) => ({
  ...{ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
  ...by(parent),
});

const items = () => events.flatMap((event) => (event.type === 'item_completed' ? [event.item] : []));
const idOf = (call: string) =>
  items().find((item) => item.type === 'tool_call' && item.tool_call_id === call)?.item_id ?? 'none';

test('what sub-agents say and do at the same time is kept apart, each with the call that started it', () => {
  send(task('a'), task('b'));
  send(said('one ', 'a'), said('eins ', 'b'), said('two', 'a'), said('zwei', 'b'), said('main'));
  send(task('c', 'a'), said('deep', 'c'));
  end();
  const texts = items().flatMap((item) => {
    if (item.type !== 'agent_message') return [];
    return [[item.content.map((block) => block.type === 'text' && block.text).join(''), item.parent_item_id]];
  });
  expect(new Map(texts as [string, string | undefined][])).toEqual(
    new Map([
      ['one two', idOf('a')],
      ['eins zwei', idOf('b')],
      ['main', undefined],
      ['deep', idOf('c')],
    ]),
  );
  expect(items().find(({ item_id }) => item_id === idOf('c'))).toMatchObject({ parent_item_id: idOf('a') });
});

test('more sub-agents than may speak at once lose nothing', () => {
  const names = Array.from({ length: 20 }, (_, n) => `call-${n}`);
  send(...names.map((name) => task(name)));
  send(...names.map((name) => said(`${name} `, name)), ...names.map((name) => said(`${name} again`, name)));
  end();
  const all = items().flatMap((item) => (item.type === 'agent_message' ? item.content : []));
  expect(all.map((block) => block.type === 'text' && block.text).join(' ')).toContain('call-19 again');
  for (const item of items()) {
    if (item.type !== 'agent_message') continue;
    const call = items().find(({ item_id }) => item_id === item.parent_item_id);
    expect(JSON.stringify(item.content)).toContain(call?.type === 'tool_call' ? call.tool_call_id : 'nothing');
  }
});

test('a tool has the name that its agent calls it, wherever that stands', () => {
  const call = { sessionUpdate: 'tool_call', title: 'Look' };
  send(
    { ...call, toolCallId: 'claude', ...by(undefined, 'Read') },
    { ...call, toolCallId: 'acp', name: 'read_file' },
    { ...call, toolCallId: 'zed', _meta: { tool_name: 'grep' } },
    { ...call, toolCallId: 'none', _meta: { tool_name: 7, claudeCode: [] } },
  );
  send({ sessionUpdate: 'tool_call_update', toolCallId: 'none', name: 'late' });
  end();
  expect(items().map((item) => (item.type === 'tool_call' ? [item.tool_call_id, item.name] : []))).toEqual([
    ['claude', 'Read'],
    ['acp', 'read_file'],
    ['zed', 'grep'],
    ['none', 'late'],
  ]);
});

test('a call that is not known is no parent', () => {
  send(said('hello', 'unknown'));
  end();
  expect(items()).toMatchObject([{ type: 'agent_message' }]);
  expect(items()[0]).not.toHaveProperty('parent_item_id');
});
