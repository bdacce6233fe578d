import { describe, expect, test } from 'vitest';

import {
  call,
  change,
  end,
  events,
  item,
  mapInEachTest,
  mapper,
  send,
  statusOf,
  TURN,
  text,
  types,
} from '../../test/mapping.js';

mapInEachTest();

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

  test('show output that is not kept any more as it comes, and one end of a command', () => {
    send(call({ kind: 'execute', content: [{ type: 'terminal', terminalId: 't' }] }));
    const print = (data: string) => change({ _meta: { terminal_output_delta: { terminal_id: 't', data } } });
    const exit = (exit_code: number) => change({ _meta: { terminal_exit: { exit_code, signal: null } } });
    send(...Array.from({ length: 10 }, () => print('x'.repeat(30_000))));
    expect(send(print('more')).map((event) => event.type === 'item_delta' && event.delta)).toEqual([
      { type: 'command_output', text: 'more' },
    ]);
    expect(types(send(exit(1)))).toEqual(['item_updated']);
    expect(send(exit(2), exit(3))).toEqual([]);
    const last = item(send(change({ status: 'completed' }))[0])?.content.at(-1);
    expect(last).toMatchObject({ type: 'command_output', exit_code: 1, truncated_bytes: expect.any(Number) });
    expect(JSON.stringify(events).length).toBeLessThan(1_000_000);
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

  test('left open end with the turn: those that began are completed, unless the turn has failed', () => {
    const statuses = (failed: boolean) => {
      mapper.startTurn(TURN);
      for (const status of ['pending', 'in_progress', undefined])
        send({ ...call({ status }), toolCallId: `${status}` });
      return end(failed).map(statusOf);
    };
    end();
    expect(statuses(false)).toEqual(['failed', 'completed', 'failed']);
    expect(statuses(true)).toEqual(['failed', 'failed', 'failed']);
  });

  test('left open end as the user has decided, whatever their status', () => {
    for (const [allowed, status] of [
      [true, 'completed'],
      [false, 'failed'],
    ] as const) {
      for (const said of ['pending', 'in_progress']) {
        send({ ...call({ status: said }), toolCallId: `${allowed} ${said}` });
        mapper.toolCall({ toolCallId: `${allowed} ${said}` })?.answered(allowed);
      }
      expect(end().map(statusOf)).toEqual([status, status]);
      mapper.startTurn(TURN);
    }
  });

  test('with the id of one that has ended are others', () => {
    const [first, , second, , third] = send(
      call({ title: 'ls', status: 'completed' }),
      call({ title: 'cat', status: 'completed' }),
      change({ title: 'rm', status: 'in_progress' }),
    );
    expect([first, second, third].map((event) => item(event))).toMatchObject([
      { title: 'ls', item_id: expect.stringMatching(/1$/) },
      { title: 'cat', item_id: expect.stringMatching(/2$/) },
      { title: 'rm', item_id: expect.stringMatching(/3$/), status: 'in_progress' },
    ]);
    expect(item(send(change({ status: 'completed' }))[0])).toMatchObject({ title: 'rm' });
    const asked = mapper.toolCall({ toolCallId: 'c', title: 'dd' });
    events.push(...(asked?.events ?? []));
    expect(asked?.item).toMatchObject({ title: 'dd', item_id: expect.stringMatching(/4$/) });
    expect(types(end())).toEqual(['item_completed']);
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

  test('go on without an input that is nested too deeply to be walked', () => {
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    expect(item(send(call({ rawInput: nested(64) }))[0])).toHaveProperty('raw_input');
    for (const levels of [65, 100_000]) {
      const [mapped] = send({ ...call({ rawInput: nested(levels) }), toolCallId: `deep-${levels}` });
      expect(item(mapped)).not.toHaveProperty('raw_input');
    }
  });

  test('in any number keep little in memory', () => {
    for (let n = 0; n < 1_000; n += 1) send({ ...call({ content: [text('x')] }), toolCallId: `c${n}` });
    const completed = events.filter(({ type }) => type === 'item_completed');
    expect(completed.length).toBe(1_000 - 256);
    expect(completed.map(statusOf)).not.toContain('pending');
    // One that was completed for want of room goes on as the same item, and is not completed again.
    expect(types(send({ ...change({ status: 'in_progress' }), toolCallId: 'c0' }))).toEqual(['item_updated']);
    expect(types(send({ ...change({ status: 'completed' }), toolCallId: 'c0' }))).toEqual(['item_updated']);
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
    expect(asked?.held.edits).toEqual([{ path: '/a', oldText: null, newText }]);
    expect(types(events)).toEqual(['item_started']);
    expect(JSON.stringify(asked?.item).length).toBeLessThan(256 * 1024);
  });

  test('with only an id keeps the diffs that came before', () => {
    send(call({ kind: 'edit', content: [{ type: 'diff', path: '/a', oldText: 'a', newText: 'b' }] }));
    const asked = mapper.toolCall({ toolCallId: 'c' });
    expect(asked?.events).toEqual([]);
    expect(asked?.held.edits).toEqual([{ path: '/a', oldText: 'a', newText: 'b' }]);
  });

  test('outside of a turn has no place', () => {
    end();
    expect(mapper.toolCall({ toolCallId: 'c' })).toBeUndefined();
  });
});
