import { afterAll, type ExpectStatic, expect, it } from 'vitest';
import { shareOf } from '../../../../scripts/test-forms.js';
import { endOf, owner } from '../../test/open-host.js';
import {
  closeSharedHosts,
  give,
  INPUTS,
  type Input,
  openStage,
  STATES,
  type Stage,
  type State,
  seen,
} from '../../test/session-states.js';

const interrupts = ['interrupt', 'interrupt and clear_queue'] as const;
const others = ['interrupt of another turn', 'interrupt of a queued turn'] as const;
const answers = ['approval', 'elicitation'] as const;
const ends = ['agent exits', 'agent crashes'] as const;

/**
 * What each input in each state leads to: the answer → where the session is then: why the turn of the state ended, if
 * it did. Inputs that nobody answers are `ok`.
 */
const TABLE: Record<State, readonly (readonly [string, ...Input[]])[]> = {
  idle: [
    ['ok → idle', 'message', ...interrupts, ...others, 'configure', ...ends, 'silence', 'deadline'],
    ['ApprovalNotFound → idle', ...answers],
    ['NoPendingPatch → idle', 'apply_patch'],
    ['NothingToRevert → idle', 'revert_patch'],
    ['ok → closed', 'close'],
    ['ok → gone', 'purge'],
  ],
  starting: [
    ['ok → queue', 'message'],
    ['ok → idle: interrupted', ...interrupts],
    ['ok → running', ...others, 'silence', 'deadline'],
    ['ApprovalNotFound → running', ...answers],
    ['AgentUnavailable → idle: agent_unavailable', 'configure'],
    ['NoPendingPatch → running', 'apply_patch'],
    ['NothingToRevert → running', 'revert_patch'],
    ['ok → closed: session_closed', 'close'],
    ['ok → gone', 'purge'],
    ['ok → idle: agent_unavailable', ...ends],
  ],
  running: [
    ['ok → queue', 'message'],
    ['ok → idle: interrupted', ...interrupts],
    ['ok → running', ...others, 'configure', 'deadline'],
    ['ApprovalNotFound → running', ...answers],
    ['NoPendingPatch → running', 'apply_patch'],
    ['NothingToRevert → running', 'revert_patch'],
    ['ok → closed: session_closed', 'close'],
    ['ok → gone', 'purge'],
    ['ok → idle: agent_exited', ...ends],
    ['ok → idle: agent_unresponsive', 'silence'],
  ],
  'own turn': [
    ['ok → idle: submission_started', 'message'],
    ['ok → idle: interrupted', ...interrupts],
    ['ok → running', ...others, 'configure', 'deadline'],
    ['ApprovalNotFound → running', ...answers],
    ['NoPendingPatch → running', 'apply_patch'],
    ['NothingToRevert → running', 'revert_patch'],
    ['ok → closed: session_closed', 'close'],
    ['ok → gone', 'purge'],
    ['ok → idle: agent_exited', ...ends],
    ['ok → idle: agent_idle', 'silence'],
  ],
  approval: [
    ['ok → approval', 'message', ...others, 'configure', 'silence'],
    ['ok → idle: interrupted', ...interrupts],
    ['ok → idle: end_turn', 'approval', 'apply_patch', 'deadline'],
    ['ApprovalNotFound → approval', 'elicitation'],
    ['NothingToRevert → approval', 'revert_patch'],
    ['ok → closed: session_closed', 'close'],
    ['ok → gone', 'purge'],
    ['ok → idle: agent_exited', ...ends],
  ],
  elicitation: [
    ['ok → elicitation', 'message', ...others, 'configure', 'silence'],
    ['ok → idle: interrupted', ...interrupts],
    ['ok → idle: end_turn', 'elicitation', 'deadline'],
    ['ApprovalNotFound → elicitation', 'approval'],
    ['NoPendingPatch → elicitation', 'apply_patch'],
    ['NothingToRevert → elicitation', 'revert_patch'],
    ['ok → closed: session_closed', 'close'],
    ['ok → gone', 'purge'],
    ['ok → idle: agent_exited', ...ends],
  ],
  interrupting: [
    ['ok → queue', 'message'],
    ['ok → running', ...interrupts, ...others, 'configure', 'deadline'],
    ['ApprovalNotFound → running', ...answers],
    ['NoPendingPatch → running', 'apply_patch'],
    ['NothingToRevert → running', 'revert_patch'],
    ['ok → closed: session_closed', 'close'],
    ['ok → gone', 'purge'],
    ['ok → idle: interrupted', ...ends],
    ['ok → idle: agent_unresponsive', 'silence'],
  ],
  queue: [
    ['ok → queue', 'message', 'interrupt of another turn', 'configure', 'deadline'],
    ['ok → running', 'interrupt of a queued turn'],
    ['ok → idle: interrupted', ...interrupts],
    ['ApprovalNotFound → queue', ...answers],
    ['NoPendingPatch → queue', 'apply_patch'],
    ['NothingToRevert → queue', 'revert_patch'],
    ['ok → closed: session_closed', 'close'],
    ['ok → gone', 'purge'],
    ['ok → idle: agent_exited', ...ends],
    ['ok → idle: agent_unresponsive', 'silence'],
  ],
  pending: [
    ['ok → idle', 'message', ...interrupts, ...others, 'configure', ...ends, 'silence', 'deadline', 'apply_patch'],
    ['ApprovalNotFound → idle', ...answers],
    ['NothingToRevert → idle', 'revert_patch'],
    ['ok → closed', 'close'],
    ['ok → gone', 'purge'],
  ],
  applied: [
    ['ok → idle', 'message', ...interrupts, ...others, 'configure', ...ends, 'silence', 'deadline', 'revert_patch'],
    ['ApprovalNotFound → idle', ...answers],
    ['NoPendingPatch → idle', 'apply_patch'],
    ['ok → closed', 'close'],
    ['ok → gone', 'purge'],
  ],
  unwritable: [
    ['Unavailable → running', 'message', ...interrupts, ...others, 'configure', 'close', 'purge'],
    ['ok → running', ...ends, 'silence', 'deadline'],
    ['ApprovalNotFound → running', ...answers],
    ['NoPendingPatch → running', 'apply_patch'],
    ['NothingToRevert → running', 'revert_patch'],
  ],
  closing: [
    ['ok → closed: session_closed', 'message', ...interrupts, ...others, 'close'],
    ['ok → closed: session_closed', ...ends, 'silence', 'deadline'],
    ['ApprovalNotFound → closed: session_closed', ...answers],
    ['Unavailable → closed: session_closed', 'configure'],
    ['NoPendingPatch → closed: session_closed', 'apply_patch'],
    ['NothingToRevert → closed: session_closed', 'revert_patch'],
    ['ok → gone', 'purge'],
  ],
  closed: [
    ['SessionClosed → closed', 'message', ...interrupts, ...others, ...answers, 'configure'],
    ['SessionClosed → closed', 'apply_patch', 'revert_patch'],
    ['ok → closed', 'close', ...ends, 'silence', 'deadline'],
    ['ok → gone', 'purge'],
  ],
  restarted: [
    ['ok → idle: server_stopping', 'message', ...interrupts, ...others, 'configure'],
    ['ok → idle: server_stopping', ...ends, 'silence', 'deadline'],
    ['ApprovalNotFound → idle: server_stopping', ...answers],
    ['NoPendingPatch → idle: server_stopping', 'apply_patch'],
    ['NothingToRevert → idle: server_stopping', 'revert_patch'],
    ['ok → closed: server_stopping', 'close'],
    ['ok → gone', 'purge'],
  ],
};

it.each(STATES)('the table has every input once: %s', (state) => {
  expect(TABLE[state].flatMap(([, ...inputs]) => inputs).sort()).toEqual([...INPUTS].sort());
});

afterAll(closeSharedHosts);

/** Each input in each state, and what it leads to. */
const cases = STATES.flatMap((state) =>
  TABLE[state].flatMap(([outcome, ...inputs]) => inputs.map((input) => [state, input, outcome] as const)),
);

// Most of it is waiting. Tests that run at once each have an `expect` of their own.
it.concurrent.for(shareOf(cases))('a session, %s, on %s: %s', async ([state, input, outcome], { expect }) => {
  const stage = await openStage(state, input, expect);
  const answering = give(stage, input);
  if (state === 'closing') await stage.heal();
  const [answer, next, cause] = outcome.split(/ → |: /);
  expect(await answering).toBe(answer);
  await expect.poll(() => seen(stage)).toBe(next);
  expect(next === 'gone' ? undefined : await causeOf(stage)).toBe(cause);
  if (next === 'gone') return;
  await stage.heal();
  await goesOn(stage, next === 'closed', expect);
});

/** Why the turn of the stage ended, if it did. */
async function causeOf({ id, turn, until }: Stage): Promise<string | undefined> {
  const events = await until(id, () => true);
  const end = events.find(endOf(turn));
  return turn !== undefined && end?.type === 'turn_completed' ? end.cause : undefined;
}

/** Expects that the session takes the next message, unless it is closed, and that every turn has one end by then. */
async function goesOn(stage: Stage, closed: boolean, expect: ExpectStatic): Promise<void> {
  const { host, id, agents, say, until } = stage;
  if (closed) await expect(say(id, 'say on')).rejects.toMatchObject({ code: 'SessionClosed' });
  else {
    agents.exit('SIGKILL');
    await expect.poll(() => seen(stage)).toBe('idle');
    const { answer } = await say(id, 'say on');
    const events = await until(id, endOf(answer.turn_id));
    expect(events.find(endOf(answer.turn_id))).toMatchObject({ status: 'completed' });
  }
  const events = await until(id, () => true);
  const turns = events.flatMap((event) => {
    if (event.type === 'turn_started' && event.origin === 'agent') return [event.turn_id];
    return event.type === 'submission_accepted' && event.turn_id ? [event.turn_id] : [];
  });
  const ended = events.flatMap((event) => (event.type === 'turn_completed' ? [event.turn_id] : []));
  expect(ended.sort()).toEqual(turns.sort());
  expect(host.get(owner, id)).toMatchObject({ turn_id: null, queued_turns: [], pending_approvals: [] });
}
