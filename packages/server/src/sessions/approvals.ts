import { randomUUID } from 'node:crypto';
import type { PermissionOutcome, PermissionRequest } from '@parleyhq/agents';
import {
  type Approval,
  type ApprovalOption,
  type ApprovalResolvedEvent,
  type ApprovalSubmission,
  type Event,
  type ResolvedBy,
  ServiceError,
} from '@parleyhq/contract';
import { pendingApproval } from './fold.js';
import type { Journal, RecordOf } from './journal.js';
import type { Patches } from './patches.js';
import { createWaiters } from './waiters.js';

/** Who may do what the agent asks for, and the answer's way back to it. */
export interface Approvals {
  /** Asks the user, or answers at once by policy. Resolves when somebody has answered, the deadline included. */
  request(request: PermissionRequest, signal: AbortSignal): Promise<PermissionOutcome>;
  /** Takes the user's answer; `accepted` goes into the log in the same append. */
  answer(answer: ApprovalSubmission, accepted: Event, record: RecordOf | undefined): Promise<readonly number[]>;
  /** Chooses `allow_once` for each of these, in one append. */
  allow(approvals: readonly Approval[]): Promise<void>;
  /** The events that end what still waits, for the append that ends a turn; then `released` lets the agent go on. */
  cancellations(): { events: Event[]; released: () => void };
}

/** Approvals of one session. `patches` say what needs none, and are told which changes wait for consent. */
export function createApprovals(journal: Journal, patches: Pick<Patches, 'allows' | 'asked' | 'answered'>): Approvals {
  const waiters = createWaiters<PermissionOutcome>();

  async function request(asked: PermissionRequest, signal: AbortSignal): Promise<PermissionOutcome> {
    const { approval_timeout: timeout, approval_policy: policy } = journal.head.state;
    const now = Date.now();
    const approval: Approval = {
      approval_id: randomUUID(),
      turn_id: asked.turnId,
      tool_call: asked.toolCall,
      options: [...asked.options],
      requested_at: now,
      expires_at: now + timeout,
    };
    const id = approval.approval_id;
    const requested: Event = { type: 'approval_requested', turn_id: asked.turnId, approval };
    const allows = policy === 'auto' || patches.allows(asked);
    // A policy never chooses an option that lasts longer than this one call.
    const byPolicy =
      allows || policy === 'deny' ? optionOf(approval, allows ? 'allow_once' : 'reject_once') : undefined;
    if (byPolicy !== undefined) {
      await journal.append([requested, selected(approval, byPolicy, 'policy')]);
      return { outcome: 'selected', optionId: byPolicy.option_id };
    }
    if (policy === 'deny') {
      // Nobody may allow it, so that nobody is asked, although the agent offers no way to say no to this one call.
      await journal.append([requested, cancelled(approval, 'policy')]);
      return { outcome: 'cancelled' };
    }
    const answered = waiters.wait(id, {
      timeout,
      signal,
      onTimeout: () => giveUp(approval, 'timeout', optionOf(approval, 'reject_once')),
      onAbort: () => giveUp(approval, 'agent', undefined),
    });
    try {
      await journal.append([requested]);
    } catch (error) {
      release(approval, undefined);
      throw error;
    }
    await patches.asked(id, asked);
    return answered;
  }

  // Where the log cannot be written the session ends the turn itself, and with it the wait.
  function giveUp(approval: Approval, by: ResolvedBy, option: ApprovalOption | undefined): void {
    if (pendingApproval(journal.head, approval.approval_id) === undefined) return;
    const resolved = option === undefined ? cancelled(approval, by) : selected(approval, option, by);
    journal.append([resolved]).then(
      () => release(approval, option),
      () => release(approval, undefined),
    );
  }

  function release(approval: Approval, option: ApprovalOption | undefined): void {
    patches.answered([approval.approval_id]);
    waiters.settle(
      approval.approval_id,
      option === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: option.option_id },
    );
  }

  async function answer(given: ApprovalSubmission, accepted: Event, record: RecordOf | undefined) {
    const approval = waiting(journal, given.approval_id);
    const option = chosen(approval, given);
    const ids = await journal.append([accepted, selected(approval, option, 'user')], record);
    release(approval, option);
    return ids;
  }

  async function allow(approvals: readonly Approval[]): Promise<void> {
    const choices = approvals.map((approval) => [approval, optionOf(approval, 'allow_once')] as const);
    const events = choices.map(([approval, option]) =>
      option === undefined ? cancelled(approval, 'server') : selected(approval, option, 'user'),
    );
    await journal.append(events);
    for (const [approval, option] of choices) release(approval, option);
  }

  function cancellations() {
    const open = journal.head.state.pending_approvals;
    return {
      events: open.map((approval) => cancelled(approval, 'server')),
      released: () => {
        for (const approval of open) release(approval, undefined);
      },
    };
  }

  return { request, answer, allow, cancellations };
}

function waiting(journal: Journal, id: string): Approval {
  const approval = pendingApproval(journal.head, id);
  if (approval !== undefined) return approval;
  if (journal.head.answered.has(id)) throw new ServiceError('ApprovalResolved', `Approval ${id} has been answered.`);
  throw new ServiceError('ApprovalNotFound', `No approval ${id} in this session.`);
}

function chosen(approval: Approval, given: ApprovalSubmission): ApprovalOption {
  if ((given.option_id === undefined) === (given.decision === undefined)) {
    throw new ServiceError('InvalidRequest', 'An approval takes exactly one of option_id and decision.', {
      details: [{ pointer: '/body', message: 'expected exactly one of option_id and decision' }],
    });
  }
  const option =
    given.option_id === undefined
      ? optionOf(approval, given.decision)
      : approval.options.find(({ option_id }) => option_id === given.option_id);
  if (option !== undefined) return option;
  const offered = approval.options.map(({ option_id, kind }) => `${option_id} (${kind})`).join(', ');
  const message = `expected one of ${offered}, got ${given.option_id ?? given.decision}`;
  const pointer = given.option_id === undefined ? '/body/decision' : '/body/option_id';
  throw new ServiceError('InvalidRequest', `The approval has no such option: ${message}.`, {
    details: [{ pointer, message }],
  });
}

function optionOf(approval: Approval, kind: ApprovalOption['kind'] | undefined): ApprovalOption | undefined {
  return approval.options.find((option) => option.kind === kind);
}

function selected(approval: Approval, option: ApprovalOption, by: ResolvedBy): ApprovalResolvedEvent {
  const { turn_id, approval_id } = approval;
  const { option_id, kind: decision } = option;
  return { type: 'approval_resolved', turn_id, approval_id, by, outcome: 'selected', option_id, decision };
}

function cancelled({ turn_id, approval_id }: Approval, by: ResolvedBy): ApprovalResolvedEvent {
  return { type: 'approval_resolved', turn_id, approval_id, by, outcome: 'cancelled' };
}
