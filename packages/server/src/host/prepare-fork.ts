import type { Agent } from '@parleyhq/agents';
import { type ApprovalPolicy, type Event, type ForkRequest, ServiceError } from '@parleyhq/contract';
import type { SessionFold } from '../journal/fold.js';
import { type Journal, refuseClosed } from '../journal/journal.js';
import { type AgentBefore, infoOf, shownOf } from '../sessions/agent-slot.js';

/** How a session is forked. */
export interface Fork {
  /** The state of the session that is forked. */
  readonly from: SessionFold;
  /** What the agent of the new session begins with. */
  readonly before: AgentBefore;
  /**
   * The first events of the new session.
   *
   * @throws ServiceError `SessionBusy` if the other one has gone on meanwhile: the agent may have copied some of that.
   */
  events(agent: Agent, sessionId: string, policy: ApprovalPolicy): Event[];
}

/**
 * Prepares the fork of a session as it stands.
 *
 * @throws ServiceError `SessionClosed`, `SessionBusy`, `UnsupportedByAgent`
 */
export function prepareFork(journal: Journal, { after_event_id }: ForkRequest): Fork {
  refuseClosed(journal);
  const { head: from } = journal;
  const { state, agentSessionId, isTitleGiven, spent } = from;
  const latest = state.latest_event_id;
  if (state.capabilities?.includes('fork') === false) {
    throw new ServiceError('UnsupportedByAgent', `The agent ${state.agent} cannot fork a session.`);
  }
  // Without this: forks a conversation in the middle of a turn
  if (state.turn_id !== null || state.queued_turns.length > 0) throw busy('A turn runs or waits.');
  // Without this: forks at another place than it was asked to
  if (after_event_id !== undefined && after_event_id !== latest) {
    const message = `agents fork at the end of a conversation: expected ${latest}, got ${after_event_id}`;
    throw new ServiceError('UnsupportedByAgent', `after_event_id: ${message}.`, {
      details: [{ pointer: '/body/after_event_id', message }],
    });
  }

  return {
    from,
    before: {
      ...(agentSessionId !== undefined && {
        takeUp: { by: 'fork', sessionId: agentSessionId, orNew: spent.turns === 0 },
      }),
      shown: shownOf(state),
    },
    events(agent, session_id, approval_policy) {
      const { head } = journal;
      const hasGoneOn = head.spent.turns !== spent.turns || head.queue.length > 0;
      if (hasGoneOn) throw busy('The session has gone on meanwhile.');
      const { additional_directories, mcp_servers, budget, title } = state;
      const created: Event = {
        type: 'session_created',
        session_id,
        account: from.account,
        cwd: state.cwd,
        agent: state.agent,
        model: state.model,
        oss: state.oss,
        web_search: state.web_search,
        config_profile: state.config_profile,
        workspace: state.workspace,
        approval_policy,
        approval_rules: state.approval_rules,
        approval_timeout: state.approval_timeout,
        ...(budget && { budget }),
        title: isTitleGiven ? title : null,
        metadata: state.metadata,
        ...(additional_directories && { additional_directories }),
        ...(mcp_servers && { mcp_servers }),
        forked_from: { session_id: state.session_id, event_id: latest },
        ...infoOf(agent),
      };
      return isTitleGiven || title === null ? [created] : [created, { type: 'session_updated', title }];
    },
  };
}

function busy(message: string): ServiceError {
  return new ServiceError('SessionBusy', message, { retryAfter: 1 });
}
