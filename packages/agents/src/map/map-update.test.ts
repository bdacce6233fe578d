import { strictEvent } from '@parleyhq/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { AgentEvent } from '../agent-event.js';
import { createUpdateMapper, type UpdateMapper } from './map-update.js';

const TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';

let mapper: UpdateMapper;
let events: AgentEvent[];

beforeEach(() => {
  let next = 0;
  mapper = createUpdateMapper(() => `00000000-0000-4000-8000-${String(++next).padStart(12, '0')}`);
  mapper.startTurn(TURN);
  events = [];
});

// Whatever an agent sends, what comes out fits the contract.
afterEach(() => {
  for (const event of events) expect(strictEvent(event)).toMatchObject({ ok: true });
});

function send(...updates: unknown[]): AgentEvent[] {
  const mapped = updates.flatMap((update) => mapper.map(update));
  events.push(...mapped);
  return mapped;
}

function end(failed = false): AgentEvent[] {
  const mapped = mapper.endTurn(failed);
  events.push(...mapped);
  return mapped;
}

const chunk = (text: string, kind = 'agent_message_chunk', more = {}) => ({
  sessionUpdate: kind,
  content: { type: 'text', text },
  ...more,
});
const call = (fields: object) => ({ sessionUpdate: 'tool_call', toolCallId: 'c', title: 'Do', ...fields });
const change = (fields: object) => ({ sessionUpdate: 'tool_call_update', toolCallId: 'c', ...fields });
const text = (words: string) => ({ type: 'content', content: { type: 'text', text: words } });
const types = (mapped: AgentEvent[]) => mapped.map(({ type }) => type);
const item = (event: AgentEvent | undefined) => (event && 'item' in event ? event.item : undefined);

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

  test('do not end with a plan or with usage', () => {
    const mapped = send(
      chunk('one'),
      { sessionUpdate: 'plan', entries: [{ content: 'x', priority: 'high', status: 'pending' }] },
      { sessionUpdate: 'usage_update', used: 1, size: 2, cost: { amount: 0.5, currency: 'USD' } },
      chunk('two'),
    );
    expect(types(mapped)).toEqual(['item_started', 'item_delta', 'plan_updated', 'usage_updated', 'item_delta']);
    expect(mapped[3]).toEqual({
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

describe('tool calls', () => {
  test('say only what changed', () => {
    send(call({ kind: 'read', status: 'pending', locations: [{ path: '/a', line: 1 }], rawInput: { path: '/a' } }));
    expect(send(change({ status: 'in_progress', kind: 'read', title: 'Do' }))).toEqual([
      {
        type: 'item_updated',
        turn_id: TURN,
        item_id: '00000000-0000-4000-8000-000000000001',
        changes: { status: 'in_progress' },
      },
    ]);
    expect(send(change({ status: 'in_progress' }))).toEqual([]);
    const [completed] = send(change({ status: 'completed', rawOutput: { ok: true } }));
    expect(item(completed)).toMatchObject({ status: 'completed', raw_input: { path: '/a' }, raw_output: { ok: true } });
  });

  test('replace their content; what only grew is a delta', () => {
    send(call({ content: [text('one')] }));
    const deltas = send(
      change({ content: [text('one two')] }),
      change({ content: [text('one two'), text('three')] }),
      change({ content: [text('one two'), text('three, four')] }),
    ).map((event) => (event.type === 'item_delta' ? event.delta : event.type));
    expect(deltas).toEqual([
      { type: 'text', text: ' two' },
      { type: 'content', content: { type: 'text', text: 'three' } },
      { type: 'text', text: ', four' },
    ]);
    expect(send(change({ content: [text('all new')] }))[0]).toMatchObject({
      type: 'item_updated',
      changes: { content: [{ type: 'text', text: 'all new' }] },
    });
  });

  test('show the output of a command as Codex and Zed send it', () => {
    send(call({ kind: 'execute', content: [{ type: 'terminal', terminalId: 't' }], _meta: { terminal_info: {} } }));
    const deltas = send(
      change({ _meta: { terminal_output_delta: { terminal_id: 't', data: 'one\n' } } }),
      change({ _meta: { terminal_output_delta: { terminal_id: 't', data: 'two\n' } } }),
    );
    expect(deltas.map((event) => event.type === 'item_delta' && event.delta)).toEqual([
      { type: 'content', content: { type: 'command_output', text: 'one\n' } },
      { type: 'command_output', text: 'two\n' },
    ]);
    const done = change({ status: 'completed', _meta: { terminal_exit: { exit_code: 0, signal: null } } });
    expect(item(send(done)[0])?.content).toEqual([
      { type: 'command_output', text: 'one\ntwo\n', exit_code: 0, signal: null },
    ]);
  });

  test('show the output of a command as Claude Code sends it, at once', () => {
    send(call({ kind: 'execute', content: [{ type: 'terminal', terminalId: 'c' }] }));
    send(change({ _meta: { terminal_output: { terminal_id: 'c', data: 'all of it' } } }));
    const exit = { terminal_exit: { terminal_id: 'c', exit_code: 2, signal: null } };
    const [completed] = send(
      change({ status: 'failed', content: [{ type: 'terminal', terminalId: 'c' }], _meta: exit }),
    );
    expect(item(completed)).toMatchObject({
      status: 'failed',
      content: [{ type: 'command_output', text: 'all of it', exit_code: 2 }],
    });
  });

  test('carry diffs', () => {
    const diff = { type: 'diff', path: '/w/a.ts', oldText: null, newText: 'a' };
    expect(item(send(call({ kind: 'edit', content: [diff] }))[0])?.content).toEqual([
      { type: 'diff', path: '/w/a.ts', old_text: null, new_text: 'a' },
    ]);
  });

  test('that end with their first word are complete at once', () => {
    expect(types(send(call({ status: 'completed' })))).toEqual(['item_started', 'item_completed']);
  });

  test('known only from an update begin with it', () => {
    expect(item(send(change({ status: 'in_progress', title: 'Late' }))[0])).toMatchObject({ title: 'Late' });
  });

  test('may change after their end, and are not completed twice', () => {
    send(call({ status: 'completed', content: [text('x')] }));
    expect(send(change({ title: 'Done', status: 'completed' }))).toMatchObject([
      { type: 'item_updated', changes: { title: 'Done' } },
    ]);
    expect(types(send(change({ content: [text('y')] })))).toEqual(['item_updated']);
    expect(end()).toEqual([]);
  });

  test('left open end with the turn, as failed where it came to no good end', () => {
    send(call({ status: 'in_progress' }));
    expect(item(end(true)[0])).toMatchObject({ status: 'failed' });
    mapper.startTurn(TURN);
    send(call({ status: 'in_progress' }));
    expect(item(end()[0])).toMatchObject({ status: 'in_progress' });
  });

  test('of kinds and statuses that nobody knows are of an other kind', () => {
    expect(item(send(call({ kind: 'teleport', status: 'odd' }))[0])).toMatchObject({
      kind: 'other',
      status: 'pending',
    });
  });

  test('never make an event longer than 256 KiB', () => {
    const long = '\u0001'.repeat(300_000); // six bytes each in JSON
    const mapped = send(
      call({ content: [{ type: 'diff', path: '/a', oldText: long, newText: long }, text(long)], rawInput: { long } }),
      change({ content: [text(`${long}x`)] }),
      change({ status: 'completed' }),
    );
    for (const event of mapped) expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(256 * 1024);
    const [diff] = item(mapped[0])?.content ?? [];
    expect(diff).toMatchObject({ type: 'diff', truncated_bytes: expect.any(Number) });
    expect(item(mapped[0])).not.toHaveProperty('raw_input');
  });

  test('in any number keep little in memory', () => {
    for (let n = 0; n < 1_000; n += 1) send({ ...call({ content: [text('x')] }), toolCallId: `c${n}` });
    const completed = events.filter(({ type }) => type === 'item_completed').length;
    expect(completed).toBe(1_000 - 256);
    expect(types(end())).toHaveLength(256);
  });
});

describe('a request for permission', () => {
  test('brings the tool call up to date and its diffs along, whole', () => {
    const newText = 'n'.repeat(400_000);
    const asked = mapper.toolCall({
      toolCallId: 'c',
      title: 'Write',
      kind: 'edit',
      content: [{ type: 'diff', path: '/a', oldText: null, newText }],
    });
    events.push(...(asked?.events ?? []));
    expect(asked?.edits).toEqual([{ path: '/a', oldText: null, newText }]);
    expect(types(events)).toEqual(['item_started']);
    expect(JSON.stringify(asked?.item).length).toBeLessThan(256 * 1024);
  });

  test('with only an id keeps the diffs that came before', () => {
    send(call({ kind: 'edit', content: [{ type: 'diff', path: '/a', oldText: 'a', newText: 'b' }] }));
    const asked = mapper.toolCall({ toolCallId: 'c' });
    expect(asked?.events).toEqual([]);
    expect(asked?.edits).toEqual([{ path: '/a', oldText: 'a', newText: 'b' }]);
  });

  test('outside of a turn has no place', () => {
    end();
    expect(mapper.toolCall({ toolCallId: 'c' })).toBeUndefined();
  });
});

describe('the session', () => {
  beforeEach(() => void mapper.endTurn(false));

  test('learns modes and options from the start', () => {
    mapper.seed({
      modes: { currentModeId: 'ask', availableModes: [{ id: 'ask', name: 'Ask', description: null }] },
      configOptions: [
        {
          id: 'model',
          name: 'Model',
          category: 'model',
          type: 'select',
          currentValue: 'a',
          options: [{ value: 'a', name: 'A' }],
        },
        {
          id: 'g',
          name: 'Grouped',
          type: 'select',
          currentValue: 'b',
          options: [{ group: 'x', name: 'X', options: [{ value: 'b', name: 'B' }] }],
        },
        { id: 'fast', name: 'Fast', type: 'boolean', currentValue: true },
        { id: 'odd', name: 'Odd', type: 'slider', currentValue: 3 },
      ],
    });
    expect(mapper.state).toEqual({
      commands: [],
      modes: { current: 'ask', available: [{ mode_id: 'ask', name: 'Ask' }] },
      configOptions: [
        {
          config_id: 'model',
          name: 'Model',
          category: 'model',
          kind: 'select',
          value: 'a',
          values: [{ value: 'a', name: 'A' }],
        },
        {
          config_id: 'g',
          name: 'Grouped',
          kind: 'select',
          value: 'b',
          values: [{ value: 'b', name: 'B', group: 'X' }],
        },
        { config_id: 'fast', name: 'Fast', kind: 'boolean', value: true, values: [] },
      ],
    });
  });

  test('follows what the agent changes, and says it outside of a turn too', () => {
    mapper.seed({
      modes: {
        currentModeId: 'ask',
        availableModes: [
          { id: 'ask', name: 'Ask' },
          { id: 'go', name: 'Go' },
        ],
      },
    });
    expect(
      send(
        { sessionUpdate: 'current_mode_update', currentModeId: 'go' },
        { sessionUpdate: 'current_mode_update', currentModeId: 'go' },
        {
          sessionUpdate: 'available_commands_update',
          availableCommands: [{ name: 'plan', description: 'Plan', input: { hint: 'what' } }],
        },
        { sessionUpdate: 'session_info_update', title: 'Sorting' },
        { sessionUpdate: 'session_info_update', updatedAt: '2026-01-01' },
      ),
    ).toEqual([
      { type: 'session_updated', current_mode: 'go' },
      { type: 'session_updated', commands: [{ name: 'plan', description: 'Plan', input_hint: 'what' }] },
      { type: 'session_updated', title: 'Sorting' },
    ]);
    expect(mapper.state.modes?.current).toBe('go');
  });

  test('moves its mode with the option of that category', () => {
    const option = (currentValue: string) => ({
      sessionUpdate: 'config_option_update',
      configOptions: [{ id: 'mode', name: 'Mode', category: 'mode', type: 'select', currentValue, options: [] }],
    });
    mapper.seed({ modes: { currentModeId: 'ask', availableModes: [] }, ...option('ask') });
    expect(send(option('ask'))).toEqual([]);
    expect(send(option('go'))).toMatchObject([{ type: 'session_updated', current_mode: 'go' }]);
  });

  test('passes notices on', () => {
    expect(send({ sessionUpdate: 'notice', severity: 'warning', title: 'Slow', description: 'very' })).toEqual([
      { type: 'notice', level: 'warning', code: 'agent_notice', message: 'Slow: very' },
    ]);
  });

  test('has no place for messages outside of a turn, and says so once', () => {
    expect(types(send(chunk('x'), chunk('y')))).toEqual(['notice']);
  });
});

test('garbage of any shape comes to no harm', () => {
  for (const value of [undefined, null, 1, 'x', [], {}, { sessionUpdate: 7 }, { sessionUpdate: 'plan', entries: 'x' }])
    send(value);
  for (const kind of [
    'tool_call',
    'agent_message_chunk',
    'available_commands_update',
    'config_option_update',
    'usage_update',
    'current_mode_update',
  ]) {
    send(
      { sessionUpdate: kind },
      { sessionUpdate: kind, toolCallId: 'x', content: 5, title: 6, locations: {}, availableCommands: 3 },
    );
  }
  end();
});
