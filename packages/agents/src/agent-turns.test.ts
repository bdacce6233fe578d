import { describe, expect, test } from 'vitest';
import { fixture, message, notices, open, recorder, said } from '../test/open-fixture.js';
import { openWith } from '../test/settings.js';
import type { AgentEvent } from './agent-event.js';

/** A handler whose turns of the agent have this id, and what it was asked; `saw` resolves with the events, once there are so many. */
function granting(turnId: string | undefined) {
  const asked: (string | undefined)[] = [];
  const { events, handler } = recorder();
  let look: () => void = () => undefined;
  return {
    asked,
    handler: {
      ...handler,
      events(batch: readonly AgentEvent[]) {
        events.push(...batch);
        look();
      },
      async startTurn(after: string | undefined) {
        asked.push(after);
        return turnId;
      },
      requestPermission: async () => ({ outcome: 'selected', optionId: 'yes' }) as const,
    },
    saw: (fits: (event: AgentEvent) => boolean) =>
      new Promise<readonly AgentEvent[]>((resolve) => {
        look = () => events.some(fits) && resolve(events);
        look();
      }),
  };
}

const isDelta = ({ type }: AgentEvent) => type === 'item_delta';
const isOwn = (event: AgentEvent) => isDelta(event) && 'turn_id' in event && event.turn_id === 'own';

describe('what an agent says when nothing was asked', () => {
  test('is in a turn that it begins, after the turn that it has ended', async () => {
    const { asked, handler, saw } = granting('own');
    await using agent = await open(fixture('answer-with-updates'), { handler });
    await agent.prompt(message('x'));
    const events = await saw(isOwn);
    expect(asked).toEqual(['turn-1']);
    expect(said(events.filter(isOwn))).toBe('late');
    await agent.endTurn(false);
    expect(events.at(-1)).toMatchObject({
      type: 'item_completed',
      turn_id: 'own',
      item: { content: [{ text: 'late' }] },
    });
    await agent.prompt(message('y', 'turn-2'));
    expect(asked[0]).toBe('turn-1');
  });

  test('is in notices if it can begin no turn', async () => {
    const { handler, saw } = granting(undefined);
    await using agent = await open(fixture('answer-with-updates'), { handler });
    await agent.prompt(message('x'));
    const events = await saw(({ type }) => type === 'notice');
    expect(notices(events)).toEqual(['The agent said, too late for its turn: late']);
    expect(events.at(-1)).not.toHaveProperty('turn_id');
  });

  test('while it starts, is the first turn of its session', async () => {
    const { asked, handler, saw } = granting('own');
    await using agent = await open(fixture('greets'), { handler });
    expect(said(await saw(isOwn))).toBe('welcome');
    expect(asked).toEqual([undefined]);
    await agent.endTurn(false);
  });

  test('is none of it where it only says which mode it is in', async () => {
    const { asked, handler } = granting('own');
    await using agent = await openWith({ modes: ['ask', 'plan'], speaks: true }, { handler });
    await agent.configure('mode', 'plan');
    expect(agent.info.modes?.current).toBe('plan');
    await agent.prompt(message('x'));
    expect(asked).toEqual([]);
  });

  test('may be a request for permission', async () => {
    const { handler, saw } = granting('own');
    await using agent = await open(fixture('end-then-permission'), { handler });
    await agent.prompt(message('x'));
    expect(said(await saw(isOwn))).toContain('"optionId":"yes"');
  });

  test('a request that comes before the agent has got a turn waits for it', async () => {
    const { handler, saw } = granting(undefined);
    await using agent = await open(fixture('end-then-permission'), { handler });
    await agent.prompt(message('x'));
    await agent.prompt(message('y', 'turn-2'));
    const events = await saw((event) => event.type === 'item_started');
    expect(events.find(({ type }) => type === 'item_started')).toMatchObject({ turn_id: 'turn-2' });
  });
});
