import type { ApprovalPolicy, Event } from '@parleyhq/contract';
import type { SessionFold } from '../journal/fold.js';
import { cappedPolicy } from './approval-policy.js';

/** The events of a session after a restart: the running turn ends (promise 4), and the operator's policy limit is applied. */
export function recoveryEvents(
  { state, runningSubmissionId, queue }: SessionFold,
  maxApprovalPolicy: ApprovalPolicy,
): readonly Event[] {
  const events: Event[] = [];
  // Without this: leaves a turn open that a crash has cut off
  if (state.turn_id !== null && runningSubmissionId !== undefined) {
    const message = 'The server was started again while the turn ran.';
    events.push({
      type: 'turn_completed',
      turn_id: state.turn_id,
      submission_id: runningSubmissionId,
      ...(runningSubmissionId === state.turn_id && { origin: 'agent' }),
      status: 'failed',
      cause: 'server_restarted',
      error: { code: 'server_restarted', message, timestamp: Date.now() },
    });
  }
  // Without this: gives an agent a message again that it may have taken into the turn that ran
  for (const { turnId, submissionId } of queue.filter(({ steers }) => steers !== undefined)) {
    const message =
      'The server was started again while the agent was asked to take the message into the turn that ran.';
    events.push({
      type: 'turn_completed',
      turn_id: turnId,
      submission_id: submissionId,
      status: 'failed',
      cause: 'server_restarted',
      error: { code: 'server_restarted', message, timestamp: Date.now() },
    });
  }
  const approval_policy = cappedPolicy(state.approval_policy, maxApprovalPolicy);
  // Without this: lets sessions keep a policy that the operator allows no more
  if (approval_policy !== state.approval_policy) events.push({ type: 'session_updated', approval_policy });
  return events;
}
