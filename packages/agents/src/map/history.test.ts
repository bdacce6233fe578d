import { strictEvent } from '@parleyhq/contract';
import { expect, test } from 'vitest';
import { createHistoryReader } from './history.js';

const chunk = (kind: string, text: string, messageId?: string) => ({
  sessionUpdate: kind,
  content: { type: 'text', text },
  ...(messageId !== undefined && { messageId }),
});
const user = (text: string, id?: string) => chunk('user_message_chunk', text, id);
const agent = (text: string) => chunk('agent_message_chunk', text);

test('each message of the user begins a turn, whose items are marked', () => {
  const history = createHistoryReader();
  history.take({ sessionUpdate: 'session_info_update', title: 'Sorting' });
  for (const update of [user('Write '), user('a sort'), agent('Done')]) history.take(update);
  history.take({ sessionUpdate: 'tool_call', toolCallId: '1', title: 'Write sort.ts', status: 'in_progress' });
  for (const update of [user('a', 'm1'), user('b', 'm2')]) history.take(update);
  const { turns, title, isCut } = history.read();
  expect({ title, isCut }).toEqual({ title: 'Sorting', isCut: false });
  const items = turns.map(({ events }) =>
    events.flatMap((event) => (event.type === 'item_completed' ? event.item : [])),
  );
  expect(items.map((turn) => turn.map(({ type }) => type))).toEqual([
    ['user_message', 'agent_message', 'tool_call'],
    ['user_message'],
    ['user_message'],
  ]);
  expect(items.flat().every(({ imported }) => imported === true)).toBe(true);
  expect(items[0]?.[0]).toMatchObject({ content: [{ type: 'text', text: 'Write a sort' }] });
  expect(items[0]?.[2]).toMatchObject({ status: 'completed' });
  for (const { turnId, events } of turns) {
    for (const event of events) {
      expect(strictEvent(event)).toMatchObject({ ok: true });
      expect(event).toMatchObject({ turn_id: turnId });
    }
  }
});

test('of too much the newest is kept, also of one long turn', () => {
  const bounds = { events: 100, size: 1_000_000 };
  const many = createHistoryReader(bounds);
  for (let n = 0; n < 40; n += 1) many.take(user(`message ${n}`));
  expect(many.read()).toMatchObject({ isCut: false, turns: [{}] }); // it is one message
  const talk = createHistoryReader(bounds);
  for (let n = 0; n < 100; n += 1) for (const update of [user(`question ${n}`), agent('answer')]) talk.take(update);
  const { turns, isCut } = talk.read();
  expect(isCut).toBe(true);
  expect(turns.flatMap(({ events }) => events).length).toBeLessThanOrEqual(100);
  expect(JSON.stringify(turns)).toContain('question 99');
  const long = createHistoryReader(bounds);
  for (let n = 0; n < 1_000; n += 1) long.take({ sessionUpdate: 'tool_call', toolCallId: `${n}`, status: 'completed' });
  const cut = long.read();
  expect(cut.turns.flatMap(({ events }) => events).length).toBeLessThanOrEqual(100);
  expect(JSON.stringify(cut)).toContain('"999"');
});

test('what comes later is left out', () => {
  const history = createHistoryReader();
  history.take(agent('before'));
  const read = history.read();
  history.take(agent('after'));
  expect(JSON.stringify([read, history.read()])).not.toContain('after');
});
