import { describe, expect, test } from 'vitest';

import { call, chunk, end, item, mapInEachTest, mapper, send, TURN, types } from '../../test/mapping.js';

mapInEachTest();

describe('messages', () => {
  test('begin with their first chunk, grow by deltas, and end whole with the turn', () => {
    expect(types(send(chunk('Hel'), chunk('lo')))).toEqual(['item_started', 'item_delta', 'item_delta']);
    const [completed] = end();
    expect(item(completed)).toEqual({
      type: 'agent_message',
      item_id: '00000000-0000-4000-8000-000000000001',
      content: [{ type: 'text', text: 'Hello' }],
    });
  });

  test('end where something of another kind begins', () => {
    const mapped = send(chunk('Hm', 'agent_thought_chunk'), chunk('Yes'), call({}), chunk('Done'));
    expect(mapped.map((event) => `${event.type} ${item(event)?.type ?? ''}`.trim())).toEqual([
      'item_started reasoning',
      'item_delta',
      'item_completed reasoning',
      'item_started agent_message',
      'item_delta',
      'item_completed agent_message',
      'item_started tool_call',
      'item_started agent_message',
      'item_delta',
    ]);
  });

  test('with another id of the agent are another message', () => {
    const mapped = send(chunk('one', undefined, { messageId: 'a' }), chunk('two', undefined, { messageId: 'b' }));
    expect(types(mapped)).toEqual(['item_started', 'item_delta', 'item_completed', 'item_started', 'item_delta']);
  });

  test('end where a plan or a question comes in between', () => {
    const plan = { sessionUpdate: 'plan', entries: [{ content: 'x', priority: 'high', status: 'pending' }] };
    expect(types(send(chunk('one'), plan))).toEqual(['item_started', 'item_delta', 'item_completed', 'plan_updated']);
    send(chunk('two'));
    expect(mapper.endMessage().map((event) => item(event)?.content)).toEqual([[{ type: 'text', text: 'two' }]]);
    expect(mapper.endMessage()).toEqual([]);
  });

  test('do not end with usage', () => {
    const mapped = send(
      chunk('one'),
      { sessionUpdate: 'usage_update', used: 1, size: 2, cost: { amount: 0.5, currency: 'USD' } },
      chunk('two'),
    );
    expect(types(mapped)).toEqual(['item_started', 'item_delta', 'usage_updated', 'item_delta']);
    expect(mapped[2]).toEqual({
      type: 'usage_updated',
      turn_id: TURN,
      usage: { context_used: 1, context_size: 2, cost_amount: 0.5, cost_currency: 'USD' },
    });
  });

  test('may hold images, links and resources', () => {
    const mapped = send(
      { sessionUpdate: 'agent_message_chunk', content: { type: 'image', data: 'aGk=', mimeType: 'image/png' } },
      {
        sessionUpdate: 'agent_message_chunk',
        content: { type: 'resource_link', uri: 'file:///a', name: 'a', size: 3 },
      },
      {
        sessionUpdate: 'agent_message_chunk',
        content: { type: 'resource', resource: { uri: 'file:///b', text: 'b' } },
      },
      { sessionUpdate: 'agent_message_chunk', content: { type: 'audio', data: 'aGk=', mimeType: 'audio/wav' } },
      { sessionUpdate: 'agent_message_chunk', content: { type: 'hologram' } },
    );
    expect(types(mapped).slice(1)).toEqual(['item_delta', 'item_delta', 'item_delta', 'item_delta', 'item_delta']);
    expect(item(end()[0])?.content.map(({ type }) => type)).toEqual([
      'image',
      'resource_link',
      'resource',
      'audio',
      'text',
    ]);
  });

  test('that the agent echoes are the user’s', () => {
    expect(item(send(chunk('hi', 'user_message_chunk'))[0])?.type).toBe('user_message');
  });

  test('too long to be carried whole went out whole as deltas, and say how much is cut', () => {
    const part = '排'.repeat(20_000); // 60 kB
    const deltas = send(...Array.from({ length: 10 }, () => chunk(part))).slice(1);
    expect(deltas.map((event) => event.type === 'item_delta' && event.delta)).toEqual(
      Array.from({ length: 10 }, () => ({ type: 'text', text: part })),
    );
    const [block] = item(end()[0])?.content ?? [];
    if (block?.type !== 'text') throw new Error('expected a text');
    expect(Buffer.byteLength(block.text) + (block.truncated_bytes ?? 0)).toBe(600_000);
    expect(block.text.endsWith('排')).toBe(true);
  });
});
