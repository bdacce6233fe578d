import type { Event } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { problemsOf } from '../../test/check-turns.js';
import { endOf, is, last, openHost, owner, type TestHostOptions } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

/** A session whose agent is in the middle of a turn. */
async function openRunning(options: TestHostOptions = {}, taking: Parameters<typeof scripted>[0] = 'able') {
  const opened = await openHost(undefined, { ...scripted(taking), ...options });
  const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd });
  const { answer } = await opened.say(id, 'wait');
  await opened.until(id, is('item_delta'));
  const deliver = async (content: string, delivery: 'queue' | 'steer' | 'interrupt') =>
    (await opened.host.submit(owner, id, { type: 'user_message', content, delivery })).answer.turn_id;
  return Object.assign(opened, { id, deliver, running: answer.turn_id });
}

const ends = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'turn_completed' ? [[event.turn_id, event.cause]] : []));
const texts = (events: readonly Event[], turnId: string | undefined) =>
  events.flatMap((event) =>
    event.type === 'item_delta' && event.turn_id === turnId && event.delta.type === 'text' ? event.delta.text : [],
  );

describe('a message that steers', () => {
  it('is taken into the running turn, and its own turn is completed without having started', async () => {
    const { id, deliver, until, running } = await openRunning();
    const steered = await deliver('faster', 'steer');
    const stop = await deliver('stop', 'steer');
    const events = await until(id, endOf(running));
    expect(texts(events, running).join('')).toBe('waitingsteered: fastersteered: stop');
    await until(id, endOf(stop));
    const all = await until(id, endOf(steered));
    expect(all.find(endOf(steered))).toMatchObject({ status: 'completed', cause: 'steered' });
    expect(all.filter(is('turn_started'))).toHaveLength(1);
    expect(last(all, 'submission_accepted')).toMatchObject({ turn_id: stop, steers: running });
    expect(problemsOf(all)).toEqual([]);
  });

  it('waits for its turn where the agent does not take it', async () => {
    const { id, deliver, until, host, running } = await openRunning();
    const late = await deliver('late', 'steer');
    await host.submit(owner, id, { type: 'interrupt', turn_id: running ?? '' });
    const events = await until(id, (event) => event.type === 'turn_started' && event.turn_id === late);
    expect(ends(events)).toEqual([[running, 'interrupted']]);
  });

  itInAll('starts a turn where none runs', async () => {
    const { id, deliver, until, host, running } = await openRunning();
    await host.submit(owner, id, { type: 'interrupt' });
    await until(id, endOf(running));
    const turn = await deliver('say hello', 'steer');
    const events = await until(id, endOf(turn));
    expect(texts(events, turn)).toEqual(['hello']);
    expect(last(events, 'submission_accepted')).not.toHaveProperty('steers');
  });

  itInAll('is refused for an agent that takes none', async () => {
    const { deliver } = await openRunning({}, 'resume');
    await expect(deliver('faster', 'steer')).rejects.toMatchObject({
      code: 'UnsupportedByAgent',
      details: [{ pointer: '/body/delivery' }],
    });
  });

  it.each([
    ['mute', 'agent_unavailable', 300],
    ['end', 'agent_unavailable', 300],
    ['die', 'agent_exited', 60_000],
  ])('fails where it is not known whether the agent has got it: %s', async (content, cause, configureTimeoutMs) => {
    const { id, deliver, until } = await openRunning({ limits: { configureTimeoutMs } });
    const turn = await deliver(content, 'steer');
    const events = await until(id, endOf(turn));
    expect(events.find(endOf(turn))).toMatchObject({ status: 'failed', cause });
    expect(events.some((event) => event.type === 'turn_started' && event.turn_id === turn)).toBe(false);
    expect(problemsOf(events).filter((problem) => !problem.includes('has no end'))).toEqual([]);
  });

  itInAll('can be taken back while the agent is asked', async () => {
    const { id, deliver, until, host, running } = await openRunning();
    const turn = await deliver('slow', 'steer');
    await host.submit(owner, id, { type: 'interrupt', turn_id: turn ?? '' });
    await host.submit(owner, id, { type: 'interrupt', turn_id: running ?? '' });
    const next = await deliver('say hello', 'queue');
    const events = await until(id, endOf(next));
    expect(ends(events)).toEqual([
      [turn, 'interrupted'],
      [running, 'interrupted'],
      [next, 'end_turn'],
    ]);
  });
});

describe('a message that interrupts', () => {
  it('ends the running turn, and is the next, before all that wait', async () => {
    const { id, deliver, until, running } = await openRunning();
    const queued = await deliver('say queued', 'queue');
    const urgent = await deliver('say urgent', 'interrupt');
    const events = await until(id, endOf(queued));
    expect(ends(events)).toEqual([
      [running, 'interrupted'],
      [urgent, 'end_turn'],
      [queued, 'end_turn'],
    ]);
  });

  itInAll('cancels what the running turn asks, and starts a turn where none runs', async () => {
    const { id, deliver, until, running } = await openRunning();
    await deliver('ask', 'interrupt');
    await until(id, is('approval_requested'));
    const last = await deliver('say hello', 'interrupt');
    const events = await until(id, endOf(last));
    expect(events.find(is('approval_resolved'))).toMatchObject({ by: 'server', outcome: 'cancelled' });
    expect(ends(events).at(0)).toEqual([running, 'interrupted']);
    const idle = await deliver('say again', 'interrupt');
    expect(texts(await until(id, endOf(idle)), idle)).toEqual(['again']);
  });
});
