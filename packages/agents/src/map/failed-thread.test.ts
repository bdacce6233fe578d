import { expect, test } from 'vitest';
import { createUpdateMapper } from './map-update.js';

const thread = (type: string) => ({
  sessionUpdate: 'session_info_update',
  _meta: { codex: { threadStatus: { type } } },
});
const chunk = (text: string, more = {}) => ({
  sessionUpdate: 'agent_message_chunk',
  content: { type: 'text', text },
  ...more,
});

test('a turn of Codex has failed once its thread says so, with the text that belongs to no message', () => {
  const mapper = createUpdateMapper();
  mapper.startTurn('turn-1');
  for (const update of [
    thread('active'),
    chunk('Hello', { messageId: 'm1' }),
    { sessionUpdate: 'tool_call', toolCallId: 'c' },
  ])
    mapper.map(update);
  expect(mapper.failure).toBeUndefined();
  for (const update of [thread('systemError'), chunk('status 404'), chunk(' Not Found\n\n')]) mapper.map(update);
  expect(mapper.failure).toBe('status 404 Not Found');
  expect(mapper.endTurn(false).at(-1)).toMatchObject({ type: 'item_completed' });
  expect(mapper.failure, 'for whoever asks after the turn').toBe('status 404 Not Found');

  mapper.startTurn('turn-2');
  expect(mapper.failure).toBeUndefined();
});

test('a failure without a word has failed too', () => {
  const mapper = createUpdateMapper();
  mapper.startTurn('turn-1');
  mapper.map(thread('systemError'));
  expect(mapper.failure).toMatch(/did not say/);
});
