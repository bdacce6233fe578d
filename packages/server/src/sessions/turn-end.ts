import { AgentError } from '@parleyhq/agents';
import type { Event, Failure, TurnCause, TurnCompletedEvent, TurnStatus } from '@parleyhq/contract';
import type { QueuedMessage } from '../journal/fold.js';

/** How a turn ended. */
export type TurnEnd = Pick<TurnCompletedEvent, 'status' | 'cause' | 'error' | 'usage'>;

/** The end of a turn that the user has interrupted. */
export const INTERRUPTED: TurnEnd = { status: 'interrupted', cause: 'interrupted' };

/** The end of a turn for which the budget of its session has nothing left. */
export const BUDGET_SPENT: TurnEnd = { status: 'limit_reached', cause: 'budget' };

/** The end of a turn whose session is closed. */
export const SESSION_CLOSED: TurnEnd = { status: 'interrupted', cause: 'session_closed' };

/** The end of a turn that the agent began, when a message comes. */
export const SUBMISSION_STARTED: TurnEnd = { status: 'interrupted', cause: 'submission_started' };

/** The end of a turn whose agent was silent for too long. */
export function unresponsive(maxSilence: number): TurnEnd {
  const cause = 'agent_unresponsive';
  const message = `The agent gave no sign of life for ${maxSilence} ms, and was ended.`;
  return { status: 'failed', cause, error: { code: cause, message, timestamp: Date.now() } };
}

const CAUSES: Record<AgentError['kind'], TurnCause> = {
  start: 'agent_unavailable',
  turn: 'agent_error',
  exit: 'agent_exited',
  protocol: 'agent_error',
  login: 'agent_unavailable',
};

/** The end of a turn that an error has ended, such as the end of its agent. */
export function failed(error: unknown): TurnEnd {
  const status: TurnStatus = 'failed';
  const methods = error instanceof AgentError ? error.methods : [];
  const message = [error instanceof Error ? error.message : String(error), ...methods].join(' ');
  const cause = error instanceof AgentError ? CAUSES[error.kind] : 'agent_unavailable';
  const facts: Partial<Failure> =
    error instanceof AgentError
      ? {
          exit_code: error.exitCode,
          signal: error.signal,
          ...(error.stderrTail === '' ? {} : { stderr_tail: error.stderrTail }),
        }
      : {};
  return { status, cause, error: { code: cause, message, ...facts, timestamp: Date.now() } };
}

/** The events that end queued turns, which the agent never gets. */
export function endsOf(queued: readonly QueuedMessage[], end: TurnEnd): Event[] {
  return queued.map(({ turnId, submissionId }) => ({
    type: 'turn_completed',
    turn_id: turnId,
    submission_id: submissionId,
    ...end,
  }));
}
