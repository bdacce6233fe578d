import type {
  Approval,
  Elicitation,
  Event,
  PatchSummary,
  PromptContent,
  SubmissionAcceptedEvent,
  UserMessageSubmission,
} from '@parleyhq/contract';
import type { SessionState } from '../host/session-host.js';

/** A queued turn, with the content of its message. */
export interface QueuedMessage {
  readonly turnId: string;
  readonly submissionId: string;
  readonly content: readonly PromptContent[];
  /** The running turn that the agent has been asked to take it into. */
  readonly steers?: string | undefined;
}

/** What a session has used by running turns. */
export interface Spent {
  /** Turns that have been started. */
  readonly turns: number;
  /** Milliseconds up to the last event in which a turn ran and waited for no person. */
  readonly runningMs: number;
}

/** The complete state of a session, computed from its events. */
export interface SessionFold {
  /** Whether whoever created the session gave it its title: then it keeps that. */
  readonly isTitleGiven: boolean;
  /** The part that the API shows. */
  readonly state: SessionState;
  readonly account: string;
  /** The agent's own id of the conversation, to resume it with. */
  readonly agentSessionId: string | undefined;
  /** The submission of the turn that runs. */
  readonly runningSubmissionId: string | undefined;
  readonly queue: readonly QueuedMessage[];
  /** The approvals and elicitations that were answered last, the latest at the end. */
  readonly answered: ReadonlySet<string>;
  /** What the session has used of its budget, beside what `state.usage` says. */
  readonly spent: Spent;
  /** Patches that can still be reverted, in the order in which they were applied. */
  readonly applied: readonly Pick<PatchSummary, 'patch_id' | 'files'>[];
}

/** What a session has used before its first turn. */
export const NOTHING_SPENT: Spent = { turns: 0, runningMs: 0 };

/** The settings of a session whose `session_created` does not name them. */
export const NO_BOUNDS = { budget: null, approval_rules: [] } satisfies Partial<SessionState>;

/** Computes the state after an event. A Session is the fold of its events: `session_created` starts it, others change it. */
export function fold(before: SessionFold | undefined, id: number, timestamp: number, event: Event): SessionFold {
  if (event.type === 'session_created') return created(id, timestamp, event);
  if (before === undefined) throw new Error(`event ${id} is ${event.type}, expected session_created to come first`);
  const after = { ...change(before, timestamp, event), spent: spend(before, timestamp, event) };
  return { ...after, state: { ...after.state, status: status(after), latest_event_id: id, updated_at: timestamp } };
}

/** The state after an event that changes only the position. Such an event need not be parsed. */
export function foldDelta(before: SessionFold, id: number, timestamp: number): SessionFold {
  const state = { ...before.state, latest_event_id: id, updated_at: timestamp };
  return { ...before, state, spent: spend(before, timestamp) };
}

function spend({ state, spent }: SessionFold, timestamp: number, event?: Event): Spent {
  // Without this: counts what happened before the session against its budget
  if (event?.type === 'turn_started' && event.origin !== 'imported') return { ...spent, turns: spent.turns + 1 };
  // Without this: counts the time in which the server did not run
  const wasDown = event?.type === 'turn_completed' && event.cause === 'server_restarted';
  // Without this: counts the time in which a person is asked
  if (state.status !== 'running' || wasDown) return spent;
  return { ...spent, runningMs: spent.runningMs + Math.max(0, timestamp - state.updated_at) };
}

function created(id: number, timestamp: number, event: Extract<Event, { type: 'session_created' }>): SessionFold {
  const { type: _, account, agent_session_id, agent_version: __, modes, commands, config_options, ...settings } = event;
  return {
    account,
    isTitleGiven: event.title !== null,
    agentSessionId: agent_session_id,
    runningSubmissionId: undefined,
    queue: [],
    answered: new Set(),
    applied: [],
    spent: NOTHING_SPENT,
    state: {
      ...NO_BOUNDS,
      ...settings,
      status: 'idle',
      turn_id: null,
      last_error: null,
      pending_approvals: [],
      pending_elicitations: [],
      queued_turns: [],
      patch: null,
      modes: modes ?? null,
      commands: commands ?? [],
      config_options: config_options ?? [],
      usage: null,
      latest_event_id: id,
      created_at: timestamp,
      updated_at: timestamp,
      closed_at: null,
    },
  };
}

function change(
  before: SessionFold,
  timestamp: number,
  event: Exclude<Event, { type: 'session_created' }>,
): SessionFold {
  const { state } = before;
  const withState = (changes: Partial<SessionState>): SessionFold => ({ ...before, state: { ...state, ...changes } });
  switch (event.type) {
    case 'session_updated':
      return updated(before, event);
    case 'session_closed':
      return withState({ closed_at: timestamp });
    case 'submission_accepted':
      return event.submission.type === 'user_message' && event.turn_id !== undefined
        ? queued(before, timestamp, { ...event, turn_id: event.turn_id, submission: event.submission })
        : before;
    case 'turn_started':
      return {
        ...dequeued(before, event.turn_id, { turn_id: event.turn_id }),
        runningSubmissionId: event.submission_id,
      };
    case 'turn_completed':
      return completed(before, event);
    case 'approval_requested':
      return withState({ pending_approvals: [...state.pending_approvals, event.approval] });
    case 'approval_resolved':
      return {
        ...withState({ pending_approvals: without(state.pending_approvals, 'approval_id', event.approval_id) }),
        answered: remember(before.answered, event.approval_id),
      };
    case 'elicitation_requested':
      return withState({ pending_elicitations: [...state.pending_elicitations, event.elicitation] });
    case 'elicitation_resolved':
      return {
        ...withState({
          pending_elicitations: without(state.pending_elicitations, 'elicitation_id', event.elicitation_id),
        }),
        answered: remember(before.answered, event.elicitation_id),
      };
    case 'patch_updated':
      return withState({ patch: event.patch });
    case 'patch_applied':
      return { ...before, applied: [...before.applied, { patch_id: event.patch_id, files: event.files }] };
    case 'patch_reverted':
      return { ...before, applied: before.applied.filter((patch) => patch.patch_id !== event.patch_id) };
    case 'usage_updated':
      return withState({ usage: { ...state.usage, ...event.usage } });
    case 'item_started':
    case 'item_updated':
    case 'item_delta':
    case 'item_completed':
    case 'plan_updated':
    case 'notice':
      return before; // a Session does not show these
    default:
      event satisfies never; // an event of a newer release
      return before;
  }
}

function updated(before: SessionFold, event: Extract<Event, { type: 'session_updated' }>): SessionFold {
  const { state } = before;
  const {
    type: _,
    agent_session_id,
    title,
    approval_policy,
    modes,
    current_mode,
    commands,
    config_options,
    turn_id: __, // the turn of the update does not change the state
    agent_version: ___,
    capabilities,
    ...rest
  } = event;
  rest satisfies Record<string, never>;
  const known = modes ?? state.modes;
  return {
    ...before,
    agentSessionId: agent_session_id ?? before.agentSessionId,
    state: {
      ...state,
      title: title === undefined ? state.title : title,
      approval_policy: approval_policy ?? state.approval_policy,
      modes: known !== null && current_mode !== undefined ? { ...known, current: current_mode } : known,
      commands: commands ?? state.commands,
      config_options: config_options ?? state.config_options,
      ...(capabilities && { capabilities }),
    },
  };
}

function queued(
  before: SessionFold,
  timestamp: number,
  accepted: SubmissionAcceptedEvent & { readonly turn_id: string; readonly submission: UserMessageSubmission },
): SessionFold {
  const { turn_id, submission_id, steers, submission } = accepted;
  const content: PromptContent[] =
    typeof submission.content === 'string' ? [{ type: 'text', text: submission.content }] : submission.content;
  const message = { turnId: turn_id, submissionId: submission_id, content, ...(steers && { steers }) };
  const queuedTurn = { turn_id, submission_id, queued_at: timestamp };
  // Without this: lets a message that interrupts wait for all that wait already
  const isNext = submission.delivery === 'interrupt';
  const add = <T>(list: readonly T[], one: T): T[] => (isNext ? [one, ...list] : [...list, one]);
  return {
    ...before,
    queue: add(before.queue, message),
    state: { ...before.state, queued_turns: add(before.state.queued_turns, queuedTurn) },
  };
}

function dequeued(before: SessionFold, turnId: string, changes: Partial<SessionState>): SessionFold {
  return {
    ...before,
    // Without this: gives the agent a message again after a crash
    queue: before.queue.filter((message) => message.turnId !== turnId),
    state: { ...before.state, queued_turns: without(before.state.queued_turns, 'turn_id', turnId), ...changes },
  };
}

function completed(before: SessionFold, event: Extract<Event, { type: 'turn_completed' }>): SessionFold {
  // What an agent says by itself does not show that it can take a message again.
  const isGood = event.status === 'completed' && event.origin === undefined;
  const after = dequeued(before, event.turn_id, {
    last_error: event.error ?? (isGood ? null : before.state.last_error),
  });
  if (before.state.turn_id !== event.turn_id) return after;
  return { ...after, runningSubmissionId: undefined, state: { ...after.state, turn_id: null } };
}

function status({ state }: SessionFold): SessionState['status'] {
  if (state.closed_at !== null) return 'closed';
  if (state.turn_id === null) return 'idle';
  return state.pending_approvals.length + state.pending_elicitations.length > 0 ? 'awaiting_approval' : 'running';
}

/** How many answered questions a session remembers, to tell who answers too late. */
const REMEMBERED = 1_024;

function remember(answered: ReadonlySet<string>, id: string): ReadonlySet<string> {
  // Without this: keeps and copies the id of every question that an agent ever asked
  return new Set([...answered, id].slice(-REMEMBERED));
}

function without<K extends string, T extends Partial<Record<K, string>>>(list: readonly T[], key: K, id: string): T[] {
  return list.filter((entry) => entry[key] !== id);
}

/** The approval with this id, if it is pending. */
export function pendingApproval({ state }: SessionFold, id: string): Approval | undefined {
  return state.pending_approvals.find((approval) => approval.approval_id === id);
}

/** The elicitation with this id, if it is pending. */
export function pendingElicitation({ state }: SessionFold, id: string): Elicitation | undefined {
  return state.pending_elicitations.find((elicitation) => elicitation.elicitation_id === id);
}
