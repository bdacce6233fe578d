import type { Event } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll, shareOf } from '../../../../scripts/test-forms.js';
import { problemsOf } from '../../test/check-turns.js';
import { endOf, is, last, openHost, owner, type TestHostOptions } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

const limits = { agentTurnIdleMs: 200, interruptGraceMs: 400 };

/** A session with the scripted agent. */
async function openSession(
  options: TestHostOptions = {},
  taking?: Parameters<typeof scripted>[0],
  settings: Partial<Parameters<Awaited<ReturnType<typeof openHost>>['host']['create']>[1]> = {},
) {
  const opened = await openHost(undefined, {
    ...scripted(taking),
    ...options,
    limits: { ...limits, ...options.limits },
  });
  const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd, ...settings });
  return Object.assign(opened, { id });
}

const begun = (event: Event) => event.type === 'turn_started' && event.origin === 'agent';
const ended = (event: Event) => event.type === 'turn_completed' && event.origin === 'agent';
const itemsOf = (events: readonly Event[], turnId: string | undefined) =>
  events.flatMap((event) => (event.type === 'item_completed' && event.turn_id === turnId ? [event.item] : []));

describe('what an agent says although nothing was asked', () => {
  it('is a turn that it began, which ends when it is silent', async () => {
    const { id, say, until, host } = await openSession();
    const { answer } = await say(id, 'later 3 20');
    const events = await until(id, ended);
    const started = last(events, 'turn_started');
    expect(started).toEqual({
      type: 'turn_started',
      turn_id: expect.any(String),
      submission_id: started?.turn_id,
      origin: 'agent',
    });
    expect(last(events, 'turn_completed')).toEqual({
      ...{ type: 'turn_completed', turn_id: started?.turn_id, submission_id: started?.turn_id, origin: 'agent' },
      ...{ status: 'completed', cause: 'agent_idle' },
    });
    expect(itemsOf(events, answer.turn_id)).toMatchObject([{ content: [{ text: 'soon' }] }]);
    expect(itemsOf(events, started?.turn_id)).toMatchObject([{ content: [{ text: 'later 0. later 1. later 2. ' }] }]);
    expect(problemsOf(events)).toEqual([]);
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', turn_id: null });
  });

  it('ends when a message comes, which is given to the agent', async () => {
    const { id, say, until } = await openSession({ limits: { agentTurnIdleMs: 60_000 } });
    await say(id, 'later');
    await until(id, begun);
    const { answer } = await say(id, 'say hello');
    const events = await until(id, endOf(answer.turn_id));
    expect(events.find(ended)).toMatchObject({ status: 'interrupted', cause: 'submission_started' });
    expect(itemsOf(events, answer.turn_id)).toMatchObject([{ content: [{ text: 'hello' }] }]);
    expect(problemsOf(events)).toEqual([]);
  });

  itInAll('has its place before a message that waits already', async () => {
    const { id, say, until } = await openSession({ limits: { agentTurnIdleMs: 60_000 } });
    await say(id, 'trail');
    const { answer } = await say(id, 'say hello');
    const events = await until(id, endOf(answer.turn_id));
    const own = events.find(begun);
    expect(own?.type === 'turn_started' && itemsOf(events, own.turn_id)).toMatchObject([
      { content: [{ text: 'right behind' }] },
    ]);
    expect(problemsOf(events)).toEqual([]);
  });

  itInAll('keeps no message waiting, however long it goes on', async () => {
    const { id, say, until, host } = await openSession();
    await say(id, 'later 100000 1');
    await until(id, begun);
    const { answer } = await say(id, 'say hello');
    await until(id, endOf(answer.turn_id));
    // It goes on at once, in another turn.
    await host.close(owner, id, { purge: false });
    const events = await until(id, is('session_closed'));
    expect(events.find(endOf(answer.turn_id))).toMatchObject({ status: 'completed' });
    expect(problemsOf(events)).toEqual([]);
  });

  it('does not end while a person is asked, and consent counts as in any turn', async () => {
    const { id, say, until, host } = await openSession({ limits: { agentTurnIdleMs: 50 } });
    await say(id, 'ask-later');
    const asked = last(
      await until(id, (event) => event.type === 'patch_updated' && event.patch !== null),
      'approval_requested',
    );
    expect(host.get(owner, id)).toMatchObject({ status: 'awaiting_approval', turn_id: asked?.turn_id });
    await host.applyPatch(owner, id, {});
    const events = await until(id, ended);
    expect(last(events, 'patch_applied')).toMatchObject({ turn_id: asked?.turn_id, files: [{ path: 'a.txt' }] });
    expect(last(events, 'turn_completed')).toMatchObject({ turn_id: asked?.turn_id, cause: 'agent_idle' });
  });

  it.each([
    ['auto', 'yes'],
    ['deny', 'no'],
  ] as const)('is answered by the policy %s, and the log says so', async (approval_policy, chosen) => {
    const { id, say, until } = await openSession({}, undefined, { approval_policy });
    await say(id, 'ask-later');
    const events = await until(id, ended);
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'policy', option_id: chosen });
    expect(JSON.stringify(itemsOf(events, last(events, 'turn_started')?.turn_id))).toContain(`"text":"${chosen}"`);
  });

  itInAll('is rejected at the deadline, and cancelled by a message', async () => {
    const late = await openSession({}, undefined, { approval_timeout: 1_000 });
    await late.say(late.id, 'ask-later');
    expect(last(await late.until(late.id, ended), 'approval_resolved')).toMatchObject({ by: 'timeout' });

    const { id, say, until, host } = await openSession();
    await say(id, 'ask-later');
    await until(id, is('approval_requested'));
    const { answer } = await say(id, 'say hello');
    await until(id, endOf(answer.turn_id));
    // What the agent says of the cancellation may come after the message's turn, and begins a turn then.
    await host.close(owner, id, { purge: false });
    const events = await until(id, is('session_closed'));
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'server', outcome: 'cancelled' });
    expect(problemsOf(events)).toEqual([]);
  });

  itInAll('is interrupted like any turn; an agent that goes on is ended', async () => {
    const { id, say, until, host } = await openSession();
    await say(id, 'later');
    await until(id, begun);
    await host.submit(owner, id, { type: 'interrupt' });
    expect((await until(id, ended)).find(ended)).toMatchObject({ status: 'interrupted', cause: 'interrupted' });

    const { answer } = await say(id, 'later 100000 1');
    const turn = (event: Event) => begun(event) && event.type === 'turn_started' && event.turn_id !== first;
    const first = last(await until(id, ended), 'turn_started')?.turn_id;
    await until(id, endOf(answer.turn_id));
    const turn_id = last(await until(id, turn), 'turn_started')?.turn_id;
    await host.submit(owner, id, { type: 'interrupt', ...(turn_id !== undefined && { turn_id }) });
    const events = await until(id, endOf(turn_id));
    expect(events.find(endOf(turn_id))).toMatchObject({ status: 'interrupted', cause: 'interrupted' });
    expect(problemsOf(events)).toEqual([]);
  });

  itInAll('ends with its agent, with its session, and with a server that is started again', async () => {
    const died = await openSession({ limits: { agentTurnIdleMs: 60_000 } });
    await died.say(died.id, 'exit-later 3');
    const events = await died.until(died.id, ended);
    expect(events.find(ended)).toMatchObject({ status: 'failed', cause: 'agent_exited', error: { exit_code: 3 } });
    expect(died.host.get(owner, died.id)).toMatchObject({ last_error: { code: 'agent_exited' } });

    const { id, say, until, host } = await openSession({ limits: { agentTurnIdleMs: 60_000 } });
    await say(id, 'later');
    await until(id, begun);
    await host.close(owner, id, { purge: false });
    expect((await until(id, is('session_closed'))).find(ended)).toMatchObject({ cause: 'session_closed' });

    const stopped = await openSession({ limits: { agentTurnIdleMs: 60_000 } });
    await stopped.say(stopped.id, 'ask-later');
    await stopped.until(stopped.id, is('approval_requested'));
    await stopped.restart();
    const after = await stopped.until(stopped.id, ended);
    expect(last(after, 'turn_completed')).toMatchObject({ status: 'interrupted', cause: 'server_stopping' });
    expect(problemsOf(after)).toEqual([]);
  });
});

describe('what an agent says of an earlier turn', () => {
  it('is in notices while another turn runs, and in no turn', async () => {
    const { id, say, until } = await openSession();
    await say(id, 'open');
    const { answer } = await say(id, 'late');
    const events = await until(id, endOf(answer.turn_id));
    expect(itemsOf(events, answer.turn_id).map((item) => item.type !== 'tool_call' && item.content)).toEqual([
      [{ type: 'text', text: 'begin and end' }],
    ]);
    const notices = events.filter((event) => event.type === 'notice' && event.code === 'late_output');
    const told = notices.map((event) => (event.type === 'notice' && event.turn_id === undefined ? event.message : ''));
    expect(told).toEqual([
      'The tool call "npm test" went on after its turn: completed\ntests too late',
      'The agent said, too late for its turn: too late',
      'The agent said, too late for its turn: also too late',
    ]);
  });
});

describe('what an agent repeats of its conversation when it has resumed it', () => {
  it.each(shareOf(['load', 'load-late'] as const, 2))('is in no turn, and in no notice: %s', async (taking) => {
    const opened = await openSession({ limits: { replaySilenceMs: 500 } }, taking);
    const first = await opened.say(opened.id, 'say hello');
    await opened.until(opened.id, endOf(first.answer.turn_id));
    await opened.restart();
    const { answer } = await opened.say(opened.id, 'say again');
    const events = await opened.until(opened.id, endOf(answer.turn_id));
    expect(itemsOf(events, answer.turn_id)).toMatchObject([{ content: [{ text: 'again' }] }]);
    expect(JSON.stringify(events)).not.toContain('before');
    expect(events.filter(begun)).toEqual([]);
  });
});
