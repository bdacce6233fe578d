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
import { pendingApproval } from '../journal/fold.js';
import type { Journal, RecordOf } from '../journal/journal.js';
import type { Patches } from '../patches/patches.js';
import { ACTION_OF, type RuleDecision } from '../rules/approval-rules.js';
import type { HeldAppend } from './append-with-patience.js';
import { createWaiters } from './waiters.js';
import type { WaitingSize } from './waiting-size.js';

/** The approvals of a session: asks the user, and gives the answer to the agent. */
export interface Approvals {
  /** Asks the user, or answers at once by policy. Resolves with the answer; at the deadline, the request is rejected. */
  request(request: PermissionRequest, signal: AbortSignal): Promise<PermissionOutcome>;
  /** Accepts the user's answer. `accepted` is written into the log in the same append. */
  answer(answer: ApprovalSubmission, accepted: Event, record: RecordOf | undefined): Promise<readonly number[]>;
  /** Chooses `allow_once` for each of these, in one append. */
  allow(approvals: readonly Approval[]): Promise<void>;
  /** The events that cancel pending approvals, for the append that ends or interrupts a turn. After it, call `released`: it answers the agent. */
  cancellations(): { events: Event[]; released: () => void };
}

/**
 * Creates the approvals of one session. `patches` decides which requests need no consent, and is told which changes wait for
 * it. `decide` says what the rules of the operator and the session say. While the log cannot be written, the agent waits: it gets no answer that is not in the log. Once the turn is interrupted,
 * nobody is asked any more.
 */
export function createApprovals(
  journal: Journal,
  hold: HeldAppend,
  patches: Pick<Patches, 'allows' | 'asked' | 'answered'>,
  waiting: WaitingSize,
  isInterrupted: () => boolean,
  decide: (request: PermissionRequest) => Promise<RuleDecision | undefined>,
): Approvals {
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
    // Before the request is in the log, the agent may withdraw it, or its turn may end.
    const ask = (...events: Event[]) =>
      hold(() => (signal.aborted || journal.head.state.turn_id !== asked.turnId ? [] : events));
    const ruled = await decide(asked);
    // Without this: asks the user for a turn that is interrupted
    if (isInterrupted()) {
      await ask(requested, cancelled(approval, 'server'));
      return { outcome: 'cancelled' };
    }
    const { action, rule } = ruled ?? { action: ACTION_OF[patches.allows(asked) ? 'auto' : policy], rule: undefined };
    const why = rule && { rule };
    // A policy chooses only options for this one call, never `allow_always` or `reject_always`.
    // Without this: allows by policy what it should deny
    const byPolicy = action === 'ask' ? undefined : policyOption(approval, action);
    if (byPolicy !== undefined) {
      const ids = await ask(requested, { ...selected(approval, byPolicy, 'policy'), ...why });
      if (ids.length === 0) return { outcome: 'cancelled' };
      return { outcome: 'selected', optionId: byPolicy.option_id };
    }
    if (action === 'reject_once') {
      // The agent offers no `reject_once`. The policy lets nobody allow it, so nobody is asked and it is cancelled.
      await ask(requested, { ...cancelled(approval, 'policy'), ...why });
      return { outcome: 'cancelled' };
    }
    // Without this: keeps questions of any size
    if (!waiting.hasRoomFor(approval)) {
      await ask(requested, cancelled(approval, 'server'));
      return { outcome: 'cancelled' };
    }
    let late = false;
    const onTimeout = () => {
      late = true;
      void giveUp(approval, 'timeout', optionOf(approval, 'reject_once'));
    };
    const onAbort = () => void giveUp(approval, 'agent', undefined);
    const answered = waiters.wait(id, { timeout, signal, onTimeout, onAbort });
    let ids: readonly number[];
    try {
      // Without this: answers a question that the log could not take
      ids = await ask(requested);
    } catch (error) {
      release(approval, undefined);
      throw error;
    }
    if (ids.length === 0) {
      release(approval, undefined);
      return answered;
    }
    // It may have been withdrawn, or its deadline may have passed, while it was being written.
    if (signal.aborted) onAbort();
    else if (late) onTimeout();
    // The answer does not wait for the patch: its diffs may take longer than the person.
    void patches.asked(id, asked);
    return answered;
  }

  // A failed append is ignored: `hold` has ended the turn then, which ends the wait too.
  async function giveUp(approval: Approval, by: ResolvedBy, option: ApprovalOption | undefined): Promise<void> {
    const isPending = () => pendingApproval(journal.head, approval.approval_id) !== undefined;
    // An answer is being written. If the log refuses it, there is none.
    if (!isPending()) await journal.settled();
    if (!isPending()) return;
    const resolved = option === undefined ? cancelled(approval, by) : selected(approval, option, by);
    // Without this: gives an answer that the log could not take
    hold(() => (isPending() ? [resolved] : [])).then(
      (ids) => ids.length > 0 && release(approval, option),
      () => undefined,
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
    const approval = findPending(journal, given.approval_id);
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

function findPending(journal: Journal, id: string): Approval {
  // Without this: takes two answers to one approval
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

/** The option that a policy may choose. Several ways to allow are a question, and which answer is right only a person knows. */
function policyOption(approval: Approval, kind: 'allow_once' | 'reject_once'): ApprovalOption | undefined {
  const [first, ...others] = approval.options.filter((option) => option.kind === kind);
  // Without this: lets a policy answer a question for the user
  return kind === 'allow_once' && others.length > 0 ? undefined : first;
}

function selected(approval: Approval, option: ApprovalOption, by: ResolvedBy): ApprovalResolvedEvent {
  const { turn_id, approval_id } = approval;
  const { option_id, kind: decision } = option;
  return { type: 'approval_resolved', turn_id, approval_id, by, outcome: 'selected', option_id, decision };
}

function cancelled({ turn_id, approval_id }: Approval, by: ResolvedBy): ApprovalResolvedEvent {
  return { type: 'approval_resolved', turn_id, approval_id, by, outcome: 'cancelled' };
}
