import type { Budget, Event } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, is, last, openHost, owner, type TestHostOptions } from '../../test/open-host.js';
import { scripted, scriptedInMemory } from '../../test/scripted-agent.js';

const SPENT = { status: 'limit_reached', cause: 'budget' };

async function openBudget(budget: Budget, options: Parameters<typeof openHost>[1] = scripted()) {
  const opened = await openHost(undefined, options);
  const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd, budget });
  const say = async (content: string) => (await opened.say(id, content)).answer.turn_id;
  return { ...opened, id, opened, say, ended: (turn: string | undefined) => opened.until(id, endOf(turn)) };
}

const endIn = (events: readonly Event[], turn: string | undefined) => events.find(endOf(turn));
const startedIn = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'turn_started' ? [event.turn_id] : []));
const saidIn = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'item_completed' && 'content' in event.item ? event.item.content : []));

describe('a budget', () => {
  it('is shown; a session without one has none', async () => {
    const { host, cwd, id, until } = await openBudget({ turns: 3, cost: 0.5 });
    expect(host.get(owner, id).budget).toEqual({ turns: 3, cost: 0.5 });
    const [created] = await until(id, is('session_created'));
    expect(created).toMatchObject({ budget: { turns: 3, cost: 0.5 } });
    const { session_id: other } = await host.create(owner, { cwd });
    expect(host.get(owner, other).budget).toBeNull();
    expect(last(await until(other, is('session_created')), 'session_created')).not.toHaveProperty('budget');
  });

  it('of turns lets the last one end, and the agent hears of no other, queued or new', async () => {
    const { host, id, say, ended } = await openBudget({ turns: 1 });
    const first = await say('say hello');
    const [second, third] = [await say('say more'), await say('say much more')];
    const events = await ended(third);
    expect(endIn(events, first)).toMatchObject({ status: 'completed' });
    expect([endIn(events, second), endIn(events, third)]).toMatchObject([SPENT, SPENT]);
    expect(endIn(events, second)).not.toHaveProperty('error');
    const fourth = await say('say it again');
    const all = await ended(fourth);
    expect(endIn(all, fourth)).toMatchObject(SPENT);
    expect(startedIn(all)).toEqual([first]);
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', queued_turns: [], last_error: null });
  });

  it('of cost ends the turn that runs, and keeps what it said', async () => {
    const { host, id, say, ended } = await openBudget({ cost: 0.5 });
    const first = await say('cost 0.5');
    const second = await say('say more');
    const events = await ended(second);
    expect([endIn(events, first), endIn(events, second)]).toMatchObject([SPENT, SPENT]);
    expect(saidIn(events)).toMatchObject([{ text: 'working' }]);
    expect(startedIn(events)).toEqual([first]);
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', usage: { cost_amount: 0.5 } });
  });

  itInAll('that is not reached changes nothing', async () => {
    const { host, id, until, say, ended } = await openBudget({ cost: 0.6, tokens: 100, seconds: 3_600, turns: 9 });
    const first = await say('cost 0.5');
    await until(id, is('usage_updated'));
    await host.submit(owner, id, { type: 'interrupt' });
    expect(endIn(await ended(first), first)).toMatchObject({ status: 'interrupted', cause: 'interrupted' });
    const second = await say('count 99');
    expect(endIn(await ended(second), second)).toMatchObject({ status: 'completed' });
  });

  itInAll('of tokens counts those of all turns', async () => {
    const { say, ended } = await openBudget({ tokens: 10 });
    const [first, second, third] = [await say('count 6'), await say('count 4'), await say('say more')];
    const events = await ended(third);
    expect([first, second, third].map((turn) => endIn(events, turn))).toMatchObject([
      { status: 'completed', usage: { input_tokens: 6 } },
      { status: 'completed', usage: { input_tokens: 4 } },
      SPENT,
    ]);
  });

  it('of seconds ends a turn that goes on, also one whose agent does not obey', async () => {
    const { say, ended } = await openBudget({ seconds: 1 }, { ...scripted(), limits: { interruptGraceMs: 50 } });
    const first = await say('hang');
    const events = await ended(first);
    expect(endIn(events, first)).toMatchObject(SPENT);
    expect(saidIn(events)).toMatchObject([{ text: 'thinking' }]);
    const second = await say('say more');
    expect(endIn(await ended(second), second)).toMatchObject(SPENT);
  });

  itInAll('is still spent after a restart', async () => {
    const { opened, id, say, ended } = await openBudget({ turns: 1 });
    await ended(await say('say hello'));
    await opened.restart();
    const { answer } = await opened.say(id, 'say more');
    expect(endIn(await opened.until(id, endOf(answer.turn_id)), answer.turn_id)).toMatchObject(SPENT);
  });

  it('that is reached cancels what the turn has asked', async () => {
    const { host, id, until, say, ended } = await openBudget({ cost: 0.5 });
    const turn = await say('cost 0.5 ask');
    const events = await ended(turn);
    expect(endIn(events, turn)).toMatchObject(SPENT);
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'server', outcome: 'cancelled' });
    const approval_id =
      last(await until(id, is('approval_requested')), 'approval_requested')?.approval.approval_id ?? '';
    const answer = host.submit(owner, id, { type: 'approval', approval_id, decision: 'allow_once' });
    await expect(answer).rejects.toThrow(/ApprovalResolved/);
  });

  it('leaves no turn for what the agent does by itself, and the agent is ended', async () => {
    let agents: ReturnType<typeof scriptedInMemory> | undefined;
    const inMemory = (folder: string): TestHostOptions => {
      agents = scriptedInMemory(folder);
      return agents.options;
    };
    const { id, until, say } = await openBudget({ turns: 1 }, inMemory);
    const turn = await say('later');
    const events = await until(id, (event) => event.type === 'notice');
    expect(last(events, 'notice')).toMatchObject({ code: 'late_output' });
    expect(startedIn(events)).toEqual([turn]);
    await expect.poll(() => agents?.running()).toBe(0);
  });
});
