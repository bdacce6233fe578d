import { describe, expect, test } from 'vitest';

import {
  asks,
  cancels,
  chooses,
  ends,
  later,
  opening,
  prompt,
  replayed,
  says,
  update,
  writeCassette,
} from '../../test/cassettes.js';
import { message, notices, open, recorder, said } from '../../test/open-fixture.js';

describe('answers to what the agent asks', () => {
  const tape = [
    ...opening(),
    prompt(2, 'Go'),
    update({ sessionUpdate: 'tool_call', toolCallId: 'c', title: 'Do', status: 'pending' }),
    asks('q', 'c'),
    chooses('q', 'yes'),
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'completed' }),
    says('done'),
    ends(2),
  ];
  const play = async (optionId: string) => {
    const { events, handler } = recorder({ requestPermission: async () => ({ outcome: 'selected', optionId }) });
    await using agent = await open(replayed(await writeCassette(tape)), { handler });
    const result = await agent.prompt(message('Go')).catch((error: Error) => error);
    return { events, result, text: said(events) };
  };

  test('are waited for, and the recorded one goes on', async () => {
    expect(await play('yes')).toMatchObject({ text: 'done', result: { status: 'completed' } });
  });

  test('of the same effect go on with a notice', async () => {
    const { text, events } = await play('always');
    expect(text).toBe('done');
    expect(notices(events)).toEqual([
      'Replay: line 9 of the tape: the recorded answer was "yes" (allow_once), this answer is "always" (allow_always).',
    ]);
  });

  test('of another effect fail the turn: what would have followed is not on the tape', async () => {
    const { text, result, events } = await play('no');
    expect(text).toBe('');
    expect(String(result)).toContain(
      'the recorded answer was "yes" (allow_once), this answer is "no" (reject_once); the recording does not say',
    );
    expect(events.at(-1)).toMatchObject({ type: 'item_completed', item: { status: 'failed' } });
  });
});

describe('a cancelled turn', () => {
  test('that was recorded so waits for the cancellation, and ends as the recorded did', async () => {
    const tape = [...opening(), prompt(2, 'Go'), says('a'), cancels, says(' b'), ends(2, 'cancelled')];
    const { events, handler } = recorder();
    const begun = new Promise<void>((resolve) => {
      handler.events = (batch) => {
        events.push(...batch);
        resolve();
      };
    });
    await using agent = await open(replayed(await writeCassette(tape)), { handler });
    const turn = agent.prompt(message('Go'));
    await begun;
    await agent.cancel();
    expect((await turn).status).toBe('interrupted');
    expect(said(events)).toBe('a b');
  });

  test('keeps its own pace, and ends at once all the same', async () => {
    const tape = [...opening(), prompt(2, 'Go'), says('a'), later(3_600_000, says('b')), ends(2)];
    const { events, handler } = recorder();
    const begun = new Promise<void>((resolve) => {
      handler.events = (batch) => {
        events.push(...batch);
        resolve();
      };
    });
    const definition = replayed(await writeCassette(tape), { PARLEY_REPLAY_SPEED: '1' });
    await using agent = await open(definition, { handler });
    const turn = agent.prompt(message('Go'));
    await begun;
    await agent.cancel();
    expect((await turn).status).toBe('interrupted');
    expect(said(events)).toBe('a');
  });

  test('that was recorded to its end ends where it is, and the next one plays', async () => {
    const tape = [...opening(), prompt(2, 'Go'), asks(0, 'c'), chooses(0, 'yes'), says('done'), ends(2)];
    let asked: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { events, handler } = recorder({
      requestPermission: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    const file = await writeCassette([...tape, prompt(3, 'On'), says('again'), ends(3)]);
    await using agent = await open(replayed(file), { handler });
    const turn = agent.prompt(message('Go'));
    await waiting;
    await agent.cancel();
    expect((await turn).status).toBe('interrupted');
    await agent.prompt(message('On'));
    expect(said(events)).toBe('again');
  });
});
