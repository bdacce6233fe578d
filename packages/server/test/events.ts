import type { Event } from '@parleyhq/contract';

/** A UUID that ends with a number. */
export const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** The first event of a session that works in `cwd`. */
export const createdIn = (cwd: string): Extract<Event, { type: 'session_created' }> => ({
  type: 'session_created',
  session_id: id(1),
  account: 'owner',
  cwd,
  agent: 'demo',
  model: null,
  oss: false,
  web_search: false,
  config_profile: null,
  workspace: 'direct',
  approval_policy: 'auto',
  approval_timeout: 600_000,
  title: null,
  metadata: {},
  agent_session_id: 'conversation',
});

/** The first event of a session. */
export const created = createdIn('/project');

/** A user message that queues the turn of this number. */
export const message = (turn: number, content = 'hello'): Event => ({
  type: 'submission_accepted',
  submission_id: `s${turn}`,
  turn_id: id(turn),
  submission: { type: 'user_message', content },
});

/** The turn of this number is given to the agent. */
export const startedTurn = (turn: number): Event => ({
  type: 'turn_started',
  turn_id: id(turn),
  submission_id: `s${turn}`,
});

/** The agent waits for consent in the turn of this number. */
export const askedIn = (turn: number): Event => ({
  type: 'approval_requested',
  turn_id: id(turn),
  approval: {
    approval_id: id(turn + 1_000),
    turn_id: id(turn),
    tool_call: {
      type: 'tool_call',
      item_id: id(turn + 2_000),
      tool_call_id: 'c',
      title: 't',
      kind: 'edit',
      status: 'pending',
      content: [],
      locations: [],
    },
    options: [{ option_id: 'a', name: 'Allow', kind: 'allow_once' }],
    requested_at: 0,
    expires_at: 1,
  },
});
