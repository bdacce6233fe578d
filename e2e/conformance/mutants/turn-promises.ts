import { type Mutant, mutant } from './mutant.js';
import { asking, editEvents, telling, typeOf } from './wrongly.js';

/** Servers that break the promise that no session hangs, over REST. */
export const turnPromiseMutants: readonly Mutant[] = [
  // 6. No session hangs.
  mutant(
    6,
    'drop',
    'turn_completed',
    'rest/turn-ends (fail)',
    telling((items) => items.filter((item) => typeOf(item) !== 'turn_completed')),
  ),
  mutant(
    6,
    'duplicate',
    'turn_completed',
    'rest/turn',
    telling((items) => items.flatMap((item) => (typeOf(item) === 'turn_completed' ? [item, item] : [item]))),
  ),
  mutant(
    6,
    'drop',
    'turn_completed of a message that was taken into another turn',
    'rest/delivery',
    telling((items) => {
      const left = items.filter((item) => Object(item.payload).cause !== 'steered');
      return left.length < items.length ? left : undefined;
    }),
  ),
  mutant(
    9,
    'wrong value',
    'delivery of a message',
    'rest/delivery',
    asking('submit', (body) => {
      if (body.delivery !== 'interrupt') return false;
      body.delivery = 'queue';
      return true;
    }),
  ),
  ...['crash', 'fail', 'limit', 'refuse'].map((name) =>
    mutant(
      6,
      'wrong value',
      `the cause of the end of /${name}`,
      `rest/turn-ends (${name})`,
      telling((items) =>
        editEvents(items, 'turn_completed', (payload) => {
          payload.cause = 'max_turn_requests';
        }),
      ),
    ),
  ),
  mutant(
    6,
    'drop',
    'turn_completed of a turn that the agent began',
    'rest/agent-turn',
    telling((items) => {
      const left = items.filter((item) => typeOf(item) !== 'turn_completed' || Object(item.payload).origin !== 'agent');
      return left.length < items.length ? left : undefined;
    }),
  ),
  mutant(
    6,
    'wrong value',
    'submission_id of a turn that the agent began',
    'rest/agent-turn',
    telling((items) =>
      editEvents(items, 'turn_started', (payload) => {
        if (payload.origin !== 'agent') return false;
        payload.submission_id = 'another';
      }),
    ),
  ),
  mutant(
    6,
    'wrong value',
    'the status of a tool call that has ended',
    'rest/agent-turn',
    telling((items) =>
      editEvents(items, 'item_completed', ({ item }) => {
        if (Object(item).type !== 'tool_call') return false;
        Object(item).status = 'in_progress';
      }),
    ),
  ),
  mutant(
    6,
    'skip a check',
    'an interrupt: it is taken and does nothing',
    'rest/interrupt',
    asking('submit', (body) => {
      if (body.type !== 'interrupt') return false;
      body.turn_id = '00000000-0000-4000-8000-000000000000';
    }),
  ),
  mutant(
    6,
    'skip a check',
    'the budget of a session',
    'rest/budget',
    asking('createSession', (body) => delete body.budget),
  ),
  mutant(
    6,
    'skip a check',
    'a spent budget: the agent gets another turn',
    'rest/budget',
    asking('createSession', (body) => {
      if (!Object(body.budget).turns) return false;
      Object(body.budget).turns = 2;
    }),
  ),
  mutant(
    6,
    'wrong value',
    'the cause of a turn without budget',
    'rest/budget',
    telling((items) =>
      editEvents(items, 'turn_completed', (payload) => {
        if (payload.cause !== 'budget') return false;
        payload.cause = 'max_tokens';
      }),
    ),
  ),
  mutant(
    7,
    'skip a check',
    'the approval rules of a session',
    'rest/approval-rules',
    asking('createSession', (body) => delete body.approval_rules),
  ),
  mutant(
    7,
    'wrong value',
    'the approval rule that has answered',
    'rest/approval-rules',
    telling((items) =>
      editEvents(items, 'approval_resolved', ({ rule }) => {
        if (rule === undefined) return false;
        Object(rule).index = 0;
      }),
    ),
  ),
  mutant(
    7,
    'wrong value',
    'who answered by an approval rule',
    'rest/approval-rules',
    telling((items) =>
      editEvents(items, 'approval_resolved', (payload) => {
        if (payload.rule === undefined) return false;
        payload.by = 'user';
      }),
    ),
  ),
  mutant(
    6,
    'skip a check',
    'approval_timeout',
    'rest/approval-timeout',
    asking('createSession', (body) => delete body.approval_timeout),
  ),
  mutant(
    6,
    'wrong value',
    'who let a question time out',
    'rest/approval-timeout',
    telling((items) =>
      editEvents(items, 'approval_resolved', (payload) => {
        payload.by = 'user';
      }),
    ),
  ),
  mutant(
    6,
    'drop',
    'what becomes of a question whose turn was interrupted',
    'rest/question-interrupted',
    telling((items) => items.filter((item) => typeOf(item) !== 'approval_resolved')),
  ),
];
