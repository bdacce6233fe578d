import type { Event } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { askedIn, created, id, message, startedTurn } from '../../test/events.js';
import { fold, type SessionFold } from './fold.js';
import { decodeFold, encodeFold } from './fold-base.js';

function after(...events: Event[]): SessionFold {
  let state: SessionFold | undefined;
  for (const [index, event] of [created, ...events].entries()) state = fold(state, index + 1, 1_000 + index, event);
  if (state === undefined) throw new Error('no events');
  return state;
}

describe('what a session has spent', () => {
  const resolved: Event = {
    type: 'approval_resolved',
    turn_id: id(10),
    approval_id: id(1_010),
    by: 'user',
    outcome: 'cancelled',
  };
  const endedBy = (cause: 'end_turn' | 'server_restarted'): Event => ({
    type: 'turn_completed',
    turn_id: id(10),
    submission_id: 's10',
    status: 'failed',
    cause,
  });
  const spentAt = (...events: (readonly [time: number, event: Event])[]) =>
    events.reduce((state, [time, event], index) => fold(state, index + 2, time, event), after()).spent;

  it('is its turns, and the time in which they ran and waited for no person', () => {
    const asked = [
      [5_000, message(10)],
      [6_000, startedTurn(10)],
      [6_100, askedIn(10)],
      [9_100, resolved],
    ] as const;
    expect(spentAt(...asked)).toEqual({ turns: 1, runningMs: 100 });
    expect(spentAt(...asked, [9_120, endedBy('end_turn')])).toEqual({ turns: 1, runningMs: 120 });
    expect(spentAt(...asked, [9_120, endedBy('end_turn')], [20_000, message(11)])).toEqual({
      turns: 1,
      runningMs: 120,
    });
    expect(spentAt(...asked, [9_000, endedBy('end_turn')])).toEqual({ turns: 1, runningMs: 100 });
  });

  it('is not the time until a server was started again', () => {
    const running = [
      [5_000, message(10)],
      [6_000, startedTurn(10)],
      [6_010, { type: 'patch_updated', turn_id: id(10), patch: null }],
    ] as const;
    expect(spentAt(...running, [90_000, endedBy('server_restarted')])).toEqual({ turns: 1, runningMs: 10 });
  });

  it('is nothing, where an older release has kept the state and not the events', () => {
    const { spent: _, state, ...kept } = JSON.parse(encodeFold(after()));
    const { budget: __, approval_rules: ___, ...shown } = state;
    expect(decodeFold(JSON.stringify({ ...kept, state: shown }))).toEqual(after());
  });
});

describe('the fold of a session', () => {
  it('begins with session_created and nothing else', () => {
    expect(() => fold(undefined, 1, 0, startedTurn(10))).toThrow('expected session_created to come first');
    const { state, agentSessionId, account } = after();
    expect(state).toMatchObject({ status: 'idle', latest_event_id: 1, created_at: 1_000, closed_at: null });
    expect([agentSessionId, account]).toEqual(['conversation', 'owner']);
    expect(state).not.toHaveProperty('account');
  });

  it('queues messages, starts them, and is idle after the last', () => {
    const queued = after(message(10), message(11));
    expect(queued.queue.map(({ turnId }) => turnId)).toEqual([id(10), id(11)]);
    const running = fold(queued, 4, 0, startedTurn(10));
    expect(running.state).toMatchObject({ status: 'running', turn_id: id(10) });
    expect(running.state.queued_turns.map(({ turn_id }) => turn_id)).toEqual([id(11)]);
    const ended = fold(running, 5, 0, {
      type: 'turn_completed',
      turn_id: id(10),
      submission_id: 's10',
      status: 'completed',
      cause: 'end_turn',
    });
    expect(ended.state).toMatchObject({ status: 'idle', turn_id: null });
    expect(ended.queue).toHaveLength(1);
  });

  it('waits for an approval until it is resolved', () => {
    const asked = after(message(10), startedTurn(10), askedIn(10));
    expect(asked.state.status).toBe('awaiting_approval');
    const resolved = fold(asked, 5, 0, {
      type: 'approval_resolved',
      turn_id: id(10),
      approval_id: id(1_010),
      by: 'user',
      outcome: 'selected',
      option_id: 'a',
      decision: 'allow_once',
    });
    expect(resolved.state).toMatchObject({ status: 'running', pending_approvals: [] });
    expect(resolved.answered.has(id(1_010))).toBe(true);
  });

  it('remembers the questions that were answered last', () => {
    let asked = after(message(10), startedTurn(10));
    for (let number = 1; number <= 1_100; number += 1) {
      asked = fold(asked, 3 + number, 0, {
        type: 'elicitation_resolved',
        elicitation_id: id(number),
        by: 'user',
        action: 'decline',
      });
    }
    expect([asked.answered.size, asked.answered.has(id(76)), asked.answered.has(id(77))]).toEqual([1_024, false, true]);
  });

  it('keeps the last failure until a turn completes', () => {
    const error = { code: 'agent_exited', message: 'gone' };
    const end = { type: 'turn_completed', turn_id: id(10), submission_id: 's10' } as const;
    const failed = fold(after(message(10), startedTurn(10)), 4, 0, {
      ...end,
      status: 'failed',
      cause: 'agent_exited',
      error,
    });
    expect(failed.state.last_error).toEqual(error);
    const own = { ...end, turn_id: id(11), origin: 'agent', status: 'completed', cause: 'agent_idle' } as const;
    expect(fold(failed, 5, 0, own).state.last_error).toEqual(error);
    const next = fold(failed, 5, 0, { ...end, turn_id: id(11), status: 'completed', cause: 'end_turn' });
    expect(next.state.last_error).toBeNull();
  });

  it('changes only the mode, and keeps everything that an update does not name', () => {
    const modes = {
      current: 'ask',
      available: [
        { mode_id: 'ask', name: 'Ask' },
        { mode_id: 'code', name: 'Code' },
      ],
    };
    const { state } = after(
      { type: 'session_updated', modes, title: 'Sorting' },
      { type: 'session_updated', current_mode: 'code' },
    );
    expect(state).toMatchObject({ modes: { ...modes, current: 'code' }, title: 'Sorting' });
  });
});
