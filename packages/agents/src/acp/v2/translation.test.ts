import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { Raw } from '../../map/read.js';
import { createTranslation } from './translation.js';

/** Speaks with an agent that has answered with this version, and has a conversation. */
function speaking(version = 2) {
  const translation = createTranslation();
  /** The messages of version 1 for one of the agent. */
  const hear = (message: object): Raw[] =>
    translation.incoming(JSON.stringify({ jsonrpc: '2.0', ...message })).map((line) => {
      const { jsonrpc: _, ...one } = JSON.parse(line);
      return one;
    });
  const ask = (id: number, method: string, params: object = {}) =>
    translation.outgoing({ jsonrpc: '2.0', id, method, params });
  ask(0, 'initialize', { protocolVersion: 2 });
  hear({ id: 0, result: { protocolVersion: version, info: { name: 'x', version: '1' } } });
  ask(1, 'session/new', { cwd: '/w' });
  hear({ id: 1, result: { sessionId: 's' } });
  return {
    hear,
    ask,
    /** The updates of version 1 for one of version 2. */
    update: (update: object): unknown[] =>
      hear({ method: 'session/update', params: { sessionId: 's', update } }).map(({ params, ...answer }) =>
        params === undefined ? answer : (params as Raw).update,
      ),
  };
}

const text = (words: string) => ({ type: 'text', text: words });
const content = (words: string) => ({ type: 'content', content: text(words) });
const base64 = (words: string) => Buffer.from(words).toString('base64');
const running = { sessionUpdate: 'state_update', state: 'running' };
const idle = (more: object = { stopReason: 'end_turn' }) => ({ sessionUpdate: 'state_update', state: 'idle', ...more });
const echo = (messageId: string) => ({ sessionUpdate: 'user_message', messageId, content: [text('go')] });
const answered = (stopReason = 'end_turn') => ({ id: 2, result: { stopReason } });
const notice = (title: string, more: object = {}) => ({ sessionUpdate: 'notice', severity: 'info', title, ...more });

test('nothing is changed for an agent that speaks another version', () => {
  const { hear, ask, update } = speaking(1);
  expect(update({ sessionUpdate: 'agent_message', messageId: '1' })).toEqual([
    { sessionUpdate: 'agent_message', messageId: '1' },
  ]);
  expect(ask(2, 'session/load', { sessionId: 's' })).toMatchObject({ method: 'session/load' });
  expect(hear({ id: 2, result: { configOptions: [{ configId: 'a' }] } })).toEqual([
    { id: 2, result: { configOptions: [{ configId: 'a' }] } },
  ]);
});

describe('a turn', () => {
  /** A prompt has left. */
  const prompted = () => {
    const agent = speaking();
    agent.ask(2, 'session/prompt', { sessionId: 's', prompt: [text('go')] });
    return agent;
  };
  const taken = { id: 2, result: { messageId: 'u' } };

  test('ends when the agent is idle after it has taken the message', () => {
    const { hear, update } = prompted();
    expect(update(running)).toEqual([]);
    expect(hear(taken)).toEqual([]);
    expect(update(echo('u'))).toEqual([]);
    expect(update({ sessionUpdate: 'state_update', state: 'requires_action' })).toEqual([]);
    expect(update(idle({ stopReason: 'max_tokens' }))).toEqual([answered('max_tokens')]);
    expect(update(idle())).toEqual([]);
  });

  test('does not end with a state that is only said again', () => {
    const { hear, update } = prompted();
    expect(update(idle())).toEqual([]);
    expect(hear(taken)).toEqual([]);
    expect(update(idle())).toEqual([]);
    update(running);
    expect(update(idle({}))).toEqual([answered()]);
  });

  test('does not end with what the agent did before it took the message', () => {
    const { hear, update } = prompted();
    update(running);
    expect(update(idle())).toEqual([]);
    expect(hear(taken)).toEqual([]);
    update(running);
    expect(update(idle())).toEqual([answered()]);
  });

  test('may end before the agent says that it took the message', () => {
    const { hear, update } = prompted();
    update(running);
    expect(update(echo('u'))).toEqual([]);
    expect(update(idle({ stopReason: 'refusal' }))).toEqual([]);
    expect(hear(taken)).toEqual([answered('refusal')]);
  });

  test('fails with the error of the agent', () => {
    const { hear, update } = prompted();
    hear(taken);
    update(running);
    const error = { code: -32000, message: 'No credit', data: 'left' };
    expect(update(idle({ stopReason: 'error', error }))).toEqual([{ id: 2, error }]);
  });

  test('fails also if the agent does not say why', () => {
    const { hear, update } = prompted();
    hear(taken);
    update(running);
    expect(update(idle({ stopReason: 'error' }))).toMatchObject([{ id: 2, error: { code: -32603 } }]);
  });

  test('is cancelled with a message that was not taken yet', () => {
    const { hear } = prompted();
    expect(hear({ id: 2, error: { code: -32800, message: 'cancelled' } })).toEqual([answered('cancelled')]);
  });

  test('fails if the message is refused, and what others said is shown', () => {
    const { hear, update } = prompted();
    expect(update(echo('another'))).toEqual([]);
    const error = { code: -32602, message: 'no' };
    expect(hear({ id: 2, error })).toMatchObject([
      { params: { update: { sessionUpdate: 'user_message_chunk', content: text('go') } } },
      { id: 2, error },
    ]);
  });
});

describe('a message', () => {
  const piece = (messageId: string, words: string) => ({
    sessionUpdate: 'agent_message_chunk',
    messageId,
    content: text(words),
  });
  const whole = (messageId: string, ...blocks: object[]) => ({
    sessionUpdate: 'agent_message',
    messageId,
    content: blocks,
  });

  test('that is given whole after its pieces says nothing new', () => {
    const { update } = speaking();
    update(piece('1', 'Hel'));
    update(piece('1', 'lo'));
    expect(update(whole('1', text('Hello')))).toEqual([]);
    expect(update(whole('1', text('Hello'), text(' world')))).toMatchObject([{ content: text(' world') }]);
    expect(update(whole('1', text('Hello world, again')))).toMatchObject([{ content: text(', again') }]);
  });

  test('may be given whole at once, with all its blocks', () => {
    const { update } = speaking();
    const image = { type: 'image', data: 'AA==', mimeType: 'image/png' };
    const [first, second] = update(whole('1', text('Look'), image)) as Raw[];
    expect([first?.content, second?.content]).toEqual([text('Look'), image]);
    expect(second?.messageId).toBe(first?.messageId);
    expect(update(whole('1', text('Look'), image))).toEqual([]);
  });

  test('that takes the place of another is another', () => {
    const { update } = speaking();
    const [before] = update(piece('1', 'Yes')) as Raw[];
    const [after] = update(whole('1', text('No'))) as Raw[];
    expect(after).toMatchObject({ sessionUpdate: 'agent_message_chunk', content: text('No') });
    expect(after?.messageId).not.toBe(before?.messageId);
    expect(update(piece('1', '!'))).toMatchObject([{ messageId: after?.messageId }]);
  });

  test('may be taken back, which is told', () => {
    const { update } = speaking();
    update(piece('1', 'Yes'));
    expect(update({ sessionUpdate: 'agent_message', messageId: '1', content: null })).toEqual([
      notice('The agent took back what it had said.'),
    ]);
    expect(update({ sessionUpdate: 'agent_message', messageId: '1' })).toEqual([]);
  });

  test('and a thought may have one id', () => {
    const { update } = speaking();
    const [said] = update(piece('1', 'x')) as Raw[];
    const [thought] = update({ ...piece('1', 'x'), sessionUpdate: 'agent_thought_chunk' }) as Raw[];
    expect(thought?.messageId).not.toBe(said?.messageId);
  });

  test('of a user that is no prompt is shown', () => {
    const { update } = speaking();
    expect(update(echo('other'))).toMatchObject([{ sessionUpdate: 'user_message_chunk', content: text('go') }]);
  });
});

describe('a tool call', () => {
  const call = (fields: object) => ({ sessionUpdate: 'tool_call_update', toolCallId: 'c', ...fields });

  test('has values taken back by null', () => {
    const { update } = speaking();
    update(call({ title: 'Do' }));
    expect(update(call({ title: null, kind: null, status: null, content: null, locations: null }))).toEqual([
      call({ title: 'Do', kind: 'other', status: 'pending', content: [], locations: [] }),
    ]);
  });

  test.each([
    ['paused', 'in_progress'],
    ['cancelled', 'failed'],
  ])('that is %s is told so', (status, shown) => {
    const { update } = speaking();
    expect(update(call({ title: 'Do', status }))).toEqual([
      call({ title: 'Do', status: shown }),
      notice(`The tool call "Do" is ${status}.`),
    ]);
    expect(update(call({ status }))).toEqual([call({ status: shown })]);
  });

  test('grows piece by piece, as far as it is kept', () => {
    const { update } = speaking();
    const piece = (words: string) => ({
      sessionUpdate: 'tool_call_content_chunk',
      toolCallId: 'c',
      content: content(words),
    });
    update(call({ content: [content('a')] }));
    expect(update(piece('b'))).toEqual([call({ content: [content('ab')] })]);
    expect(update(piece('x'.repeat(300_000)))).toMatchObject([{ sessionUpdate: 'notice', severity: 'warning' }]);
    expect(update(piece('y'))).toEqual([]);
  });

  test('with too much content grows no more', () => {
    const { update } = speaking();
    const much = [content('x'.repeat(300_000))];
    expect(update(call({ content: much }))).toEqual([call({ content: much })]);
    const piece = { sessionUpdate: 'tool_call_content_chunk', toolCallId: 'c', content: content('y') };
    expect(update(piece)).toMatchObject([{ sessionUpdate: 'notice', severity: 'warning' }]);
  });

  const edit = (changes: object[], patch?: string) =>
    call({ content: [{ type: 'diff', changes, ...(patch && { patch: { format: 'git_patch', text: patch } }) }] });
  const shown = (updates: unknown[]) => (updates[0] as Raw).content;

  test('has a diff for each hunk of a patch', () => {
    const { update } = speaking();
    const patch = [
      'diff --git a/a.ts b/a.ts',
      '--- a/a.ts',
      '+++ b/a.ts',
      '@@ -1,2 +1,2 @@',
      '-one',
      '+two',
      ' same',
      '@@ -9 +9 @@',
      '-end',
      '\\ No newline at end of file',
      '+END',
      'diff --git a/new.ts b/new.ts',
      'new file mode 100644',
      '--- /dev/null',
      '+++ b/new.ts',
      '@@ -0,0 +1 @@',
      '+new',
      'diff --git a/old.ts b/old.ts',
      'deleted file mode 100644',
      '--- a/old.ts',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-old',
      '',
    ].join('\n');
    const changes = [
      { operation: 'modify', path: '/w/a.ts' },
      { operation: 'add', path: '/w/new.ts' },
      { operation: 'delete', path: '/w/old.ts' },
    ];
    expect(shown(update(edit(changes, patch)))).toEqual([
      { type: 'diff', path: '/w/a.ts', oldText: 'one\nsame\n', newText: 'two\nsame\n' },
      { type: 'diff', path: '/w/a.ts', oldText: 'end', newText: 'END\n' },
      { type: 'diff', path: '/w/new.ts', oldText: null, newText: 'new\n' },
      { type: 'diff', path: '/w/old.ts', oldText: 'old\n', newText: '' },
    ]);
  });

  test('tells a change without lines in words, and names its paths', () => {
    const { update } = speaking();
    const changes = [
      { operation: 'move', oldPath: '/w/a', path: '/w/b' },
      { operation: 'modify', path: '/w/x.png', fileType: 'binary' },
      { operation: '_link', path: '/w/l' },
    ];
    const said = update(call({ locations: [{ path: '/w/a', line: 2 }], ...edit(changes) }));
    expect(said).toEqual([
      call({
        content: [content('move /w/a to /w/b'), content('modify /w/x.png (binary)'), content('_link /w/l')],
        locations: [{ path: '/w/a', line: 2 }, ...['/w/b', '/w/a', '/w/x.png', '/w/l'].map((path) => ({ path }))],
      }),
    ]);
  });

  test('shows a patch that cannot be read as it is', () => {
    const { update } = speaking();
    const broken = '--- a/a.ts\n+++ b/a.ts\n@@ -1,9 +1,9 @@\n-one\n';
    expect(shown(update(edit([{ operation: 'modify', path: '/a.ts' }], broken)))).toEqual([
      content('modify /a.ts'),
      content(broken),
    ]);
  });
});

describe('a terminal', () => {
  const terminal = (fields: object) => ({ sessionUpdate: 'terminal_update', terminalId: 't', ...fields });
  const output = (words: string) => ({ sessionUpdate: 'terminal_output_chunk', terminalId: 't', data: base64(words) });
  const refers = {
    sessionUpdate: 'tool_call_update',
    toolCallId: 'c',
    content: [{ type: 'terminal', terminalId: 't' }],
  };
  const of = (_meta: object, toolCallId = 'c') => ({ sessionUpdate: 'tool_call_update', toolCallId, _meta });
  const delta = (data: string) => ({ terminal_output_delta: { terminal_id: 't', data } });
  const exit = (exit_code: number | null, signal: string | null = null) => ({
    terminal_exit: { terminal_id: 't', exit_code, signal },
  });

  test('is shown by the call that refers to it, with its command', () => {
    const { update } = speaking();
    expect(update(terminal({ command: 'ls', cwd: '/w' }))).toEqual([]);
    expect(update(output('a'))).toEqual([]);
    expect(update(refers)).toEqual([
      refers,
      { sessionUpdate: 'tool_call_update', toolCallId: 'c', rawInput: { command: 'ls', cwd: '/w' } },
      of(delta('a')),
    ]);
    expect(update(output('b'))).toEqual([of(delta('b'))]);
    expect(update(terminal({ exitStatus: { signal: 'SIGTERM' } }))).toEqual([of(exit(null, 'SIGTERM'))]);
  });

  test('that is given whole shows what is new', () => {
    const { update } = speaking();
    update(refers);
    update(output('one\n'));
    expect(update(terminal({ output: { data: base64('one\ntwo\n') } }))).toEqual([of(delta('two\n'))]);
    expect(update(terminal({ output: { data: base64('three\n') } }))).toEqual([of(delta('\nthree\n'))]);
    expect(update(terminal({ output: { data: base64('three\nfour') } }))).toEqual([of(delta('four'))]);
  });

  test('that no call shows has one of its own', () => {
    const { update } = speaking();
    update(running);
    update(terminal({ command: 'ls', cwd: '/w' }));
    update(output('a'));
    update(terminal({ exitStatus: { exitCode: 1 } }));
    const own = 'terminal/t';
    expect(update(idle())).toEqual([
      {
        ...{ sessionUpdate: 'tool_call', toolCallId: own, kind: 'execute', status: 'in_progress', title: 'ls' },
        rawInput: { command: 'ls', cwd: '/w' },
      },
      of(delta('a'), own),
      of(exit(1), own),
      { sessionUpdate: 'tool_call_update', toolCallId: own, status: 'failed' },
    ]);
  });

  test('that no call shows does not keep any amount', () => {
    const { update } = speaking();
    expect(update(output('x'.repeat(100_000)))).toMatchObject([{ sessionUpdate: 'tool_call' }, {}]);
  });
});

describe('a request for permission', () => {
  const options = [
    { optionId: 'odd', name: 'Odd', kind: '_odd' },
    { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
  ];
  const ask = (fields: object) => ({
    id: 'p',
    method: 'session/request_permission',
    params: { sessionId: 's', title: 'May I?', options, ...fields },
  });

  test('about a tool call has that, and tells its own words', () => {
    const { hear } = speaking();
    const toolCall = { toolCallId: 'c', title: 'Edit', status: 'pending' };
    const [told, asked] = hear(ask({ subject: { type: 'tool_call', toolCall }, description: 'It is late' }));
    expect(told).toMatchObject({ params: { update: notice('May I?: It is late') } });
    expect(asked).toMatchObject({
      id: 'p',
      params: { sessionId: 's', toolCall, options: [{ optionId: 'yes' }, { optionId: 'odd', kind: 'reject_once' }] },
    });
  });

  test('about a command is a call that runs it', () => {
    const { hear } = speaking();
    const [told, asked] = hear(ask({ subject: { type: 'command', command: 'rm x', cwd: '/w' } }));
    expect(told).toMatchObject({ params: { update: notice('May I?') } });
    const rawInput = { command: 'rm x', cwd: '/w' };
    expect(asked).toMatchObject({
      params: { toolCall: { toolCallId: 'permission/p', title: 'rm x', kind: 'execute', rawInput } },
    });
  });

  test('about a command of a call that is known changes its name in no way', () => {
    const { hear, update } = speaking();
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', title: 'Remove' });
    const asked = hear(ask({ subject: { type: 'command', command: 'rm x', cwd: '/w', toolCallId: 'c' } })).at(-1);
    expect(asked).toMatchObject({ params: { toolCall: { toolCallId: 'c', kind: 'execute' } } });
    expect(asked).not.toHaveProperty('params.toolCall.title');
  });

  test.each([
    ['nothing in particular', { description: 'Because' }, 'Because'],
    ['something unknown', { subject: { type: 'moon' } }, '{"type":"moon"}'],
  ])('about %s is a call of its own', (_, fields, words) => {
    const { hear } = speaking();
    expect(hear(ask(fields)).at(-1)).toMatchObject({
      params: { toolCall: { toolCallId: 'permission/p', title: 'May I?', content: [content(words)] } },
    });
  });
});

describe('other things that an agent tells', () => {
  const entry = (words: string, status = 'pending') => ({ content: words, priority: 'high', status });

  test('are several plans', () => {
    const { update } = speaking();
    const plan = (planId: string, more: object) => ({ sessionUpdate: 'plan_update', plan: { planId, ...more } });
    update(plan('a', { type: 'items', entries: [entry('one'), entry('two', 'cancelled')] }));
    const last = { content: '# Plan', priority: 'medium', status: 'in_progress' };
    const of = (...entries: object[]) => [{ sessionUpdate: 'plan', entries }];
    const both = [entry('one'), entry('two (cancelled)', 'completed'), last];
    expect(update(plan('b', { type: 'markdown', content: '# Plan' }))).toEqual(of(...both));
    expect(update({ sessionUpdate: 'plan_removed', planId: 'a' })).toEqual(of(last));
  });

  test('are the cost, which it need not repeat', () => {
    const { update } = speaking();
    const usage = (more: object) => ({ sessionUpdate: 'usage_update', used: 1, size: 2, ...more });
    const cost = { amount: 1, currency: 'USD' };
    update(usage({ cost }));
    expect(update(usage({}))).toEqual([usage({ cost })]);
  });

  test('are what it keeps of its context, and why it could not', () => {
    const { update } = speaking();
    const compaction = (fields: object) => ({ sessionUpdate: 'compaction_update', compactionId: 'k', ...fields });
    const chunk = (words: string) => ({
      ...{ sessionUpdate: 'compaction_summary_chunk', compactionId: 'k', content: text(words) },
    });
    expect(update(compaction({ status: 'in_progress' }))).toEqual([compaction({ status: 'in_progress' })]);
    expect([...update(chunk('All ')), ...update(chunk('well'))]).toEqual([]);
    expect(update(compaction({ status: 'completed' })).at(-1)).toEqual(
      notice('What the agent keeps of its context', { description: 'All well' }),
    );
    expect(update(compaction({ status: 'failed', error: 'full' })).at(-1)).toMatchObject({ description: 'full' });
  });

  test('are what goes on in the background', () => {
    const { update } = speaking();
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', title: 'Watch' });
    update({ sessionUpdate: 'terminal_update', terminalId: 't', command: 'make' });
    const background = [
      { type: 'tool_call', toolCallId: 'c' },
      { type: 'terminal', terminalId: 't' },
    ];
    const told = notice('Work goes on in the background', { description: 'Watch; make' });
    expect(update(idle({ background })).at(-1)).toEqual(told);
    expect(update(idle({ background }))).toEqual([]);
  });

  test('are states, kinds of options and updates that are not known', () => {
    const { update } = speaking();
    expect(update({ sessionUpdate: 'state_update', state: '_asleep' })).toMatchObject([{ severity: 'warning' }]);
    const options = [{ configId: 'o', name: 'Odd', type: '_odd' }];
    expect(update({ sessionUpdate: 'config_option_update', configOptions: options })).toMatchObject([
      { severity: 'warning' },
      { configOptions: [{ id: 'o' }] },
    ]);
    expect(update({ sessionUpdate: '_new', x: 1 })).toEqual([{ sessionUpdate: '_new', x: 1 }]);
  });

  test('are pages that are done', () => {
    const { hear } = speaking();
    expect(hear({ method: 'elicitation/complete', params: { elicitationId: 'e' } })).toMatchObject([
      { method: 'session/update', params: { sessionId: 's', update: { sessionUpdate: 'notice' } } },
    ]);
  });

  test('are sub-agents, each of which is a tool call with what it says and does', () => {
    const { hear, update } = speaking();
    const child = { sessionUpdate: 'subagent_update', sessionId: 'k', title: 'Reader', description: 'reads' };
    const parent = { claudeCode: { parentToolUseId: 'agent/k' } };
    const call = (fields: object) => ({
      sessionUpdate: 'tool_call_update',
      toolCallId: 'agent/k',
      kind: 'think',
      ...fields,
    });
    expect(update({ ...child, state: { state: 'running' } })).toEqual([
      call({ title: 'Reader', rawInput: { description: 'reads' }, status: 'in_progress' }),
    ]);
    const inside = (said: object) =>
      hear({ method: 'session/update', params: { sessionId: 'k', update: said } }).map(({ params }) => params);
    const of = (said: object) => [{ sessionId: 's', update: said }];
    const words = { sessionUpdate: 'agent_message_chunk', messageId: '1', content: text('hm') };
    expect(inside(words)).toEqual(of({ ...words, messageId: 'k/agent_message_chunk/1', _meta: parent }));
    const read = { sessionUpdate: 'tool_call_update', toolCallId: 'c', title: 'Read' };
    expect(inside(read)).toEqual(of({ ...read, toolCallId: 'k/c', _meta: parent }));
    expect(inside(echo('u'))).toMatchObject(of({ toolCallId: 'agent/k', rawInput: text('go') }));
    expect(inside({ sessionUpdate: 'usage_update', used: 1, size: 2 })).toEqual([]);
    expect(inside(idle())).toEqual([]);
    const asks = {
      sessionId: 'k',
      title: 'Read',
      subject: { type: 'tool_call', toolCall: { toolCallId: 'c' } },
      options: [],
    };
    expect(hear({ id: 'p', method: 'session/request_permission', params: asks })).toMatchObject([
      { params: { sessionId: 's', toolCall: { toolCallId: 'k/c', _meta: parent } } },
    ]);
    const over = { sessionUpdate: 'subagent_update', sessionId: 'k', state: { state: 'idle', stopReason: 'end_turn' } };
    expect(update(over)).toEqual([call({ status: 'completed' })]);
  });

  /** The kinds of updates of a version of ACP. */
  const kindsOf = (schema: string): string[] => {
    const { oneOf = [], anyOf = oneOf } = createRequire(import.meta.url)(`@agentclientprotocol/sdk/schema/${schema}`)
      .$defs.SessionUpdate as { oneOf?: Raw[]; anyOf?: Raw[] };
    return anyOf.flatMap(({ properties }) => (Object(properties).sessionUpdate?.const as string | undefined) ?? []);
  };

  test('are all kinds of version 2, in kinds of version 1', () => {
    const known = kindsOf('v1/schema.json');
    const kinds = kindsOf('v2/schema.unstable.json');
    expect([known, kinds]).toEqual([expect.arrayContaining(['plan']), expect.arrayContaining(['state_update'])]);
    const ids = { messageId: 'm', toolCallId: 'c', terminalId: 't', planId: 'p', sessionId: 'k', compactionId: 'k' };
    for (const sessionUpdate of kinds) {
      const said = sessionUpdate.endsWith('_message') || sessionUpdate.endsWith('_thought') ? [text('x')] : text('x');
      const updates = speaking().update({ ...ids, sessionUpdate, state: 'running', content: said }) as Raw[];
      for (const one of updates) expect(known).toContain(one.sessionUpdate);
    }
  });

  test('are in other conversations, which are left alone', () => {
    const { hear } = speaking();
    const update = { sessionUpdate: 'agent_message', messageId: '1', content: [text('x')] };
    const message = { method: 'session/update', params: { sessionId: 'other', update } };
    expect(hear(message)).toEqual([message]);
  });

  test('are lines that are no messages, or cannot be read', () => {
    const { incoming } = createTranslation();
    for (const line of ['Loading…', '{"jsonrpc":', '']) expect(incoming(line)).toEqual([line]);
  });
});

describe('what an agent is asked', () => {
  test('to load a conversation, is to resume it and to repeat all', () => {
    const { ask } = speaking();
    expect(ask(2, 'session/load', { sessionId: 's', cwd: '/w', mcpServers: [{ name: 'm' }] })).toMatchObject({
      method: 'session/resume',
      params: { sessionId: 's', replayFrom: { type: 'start' }, mcpServers: [{ type: 'stdio', name: 'm' }] },
    });
  });

  test.each([
    ['authenticate', 'auth/login'],
    ['logout', 'auth/logout'],
    ['session/list', 'session/list'],
    ['_session/steering', '_session/steering'],
  ])('by %s, is asked by %s', (method, sent) => {
    expect(speaking().ask(2, method)).toMatchObject({ method: sent });
  });

  test('to log in in a terminal, only where that can be done', () => {
    const offer = (auth: object) =>
      createTranslation().outgoing({
        ...{ id: 0, method: 'initialize' },
        params: { protocolVersion: 2, clientCapabilities: { auth } },
      });
    expect(offer({ terminal: true })).toHaveProperty('params.capabilities.auth', { terminal: {} });
    expect(offer({ terminal: false })).not.toHaveProperty('params.capabilities.auth');
  });
});
