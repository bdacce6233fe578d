import { randomUUID } from 'node:crypto';
import type { ElicitationOutcome, ElicitationRequest } from '@parleyhq/agents';
import {
  type Elicitation,
  type ElicitationResolvedEvent,
  type ElicitationSubmission,
  type Event,
  type ResolvedBy,
  ServiceError,
} from '@parleyhq/contract';
import { pendingElicitation } from '../journal/fold.js';
import type { Journal, RecordOf } from '../journal/journal.js';
import type { HeldAppend } from './append-with-patience.js';
import { createWaiters } from './waiters.js';
import type { WaitingSize } from './waiting-size.js';

/** The questions of a session's agent: asks the user, and gives the answer to the agent. */
export interface Elicitations {
  /** Asks the user. Resolves with the answer; at the deadline, the answer is `cancel`. */
  request(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationOutcome>;
  /** Accepts the user's answer. `accepted` is written into the log in the same append. */
  answer(answer: ElicitationSubmission, accepted: Event, record: RecordOf | undefined): Promise<readonly number[]>;
  /** The events that cancel pending questions, for the append that ends or interrupts a turn. After it, call `released`: it answers the agent. */
  cancellations(): { events: Event[]; released: () => void };
}

/**
 * Creates the elicitations of one session. While the log cannot be written, the agent waits: it gets no answer that is not in
 * the log. Once the turn is interrupted, nobody is asked any more.
 */
export function createElicitations(
  journal: Journal,
  hold: HeldAppend,
  waiting: WaitingSize,
  isInterrupted: () => boolean,
): Elicitations {
  const waiters = createWaiters<ElicitationOutcome>();
  let checks: typeof import('./check-form-answers.js') | undefined;

  // Ajv is loaded with the first form, so that a server starts without it. By the time that a user answers, it is loaded.
  async function loadChecks() {
    checks ??= await import('./check-form-answers.js');
    return checks;
  }

  async function request(asked: ElicitationRequest, signal: AbortSignal): Promise<ElicitationOutcome> {
    const { approval_timeout: timeout, turn_id: turn } = journal.head.state;
    if (asked.requestedSchema !== undefined) loadChecks().catch(() => undefined); // `answer` tries again
    const now = Date.now();
    const elicitation: Elicitation = {
      elicitation_id: randomUUID(),
      ...(asked.turnId === undefined ? {} : { turn_id: asked.turnId }),
      mode: asked.mode,
      message: asked.message,
      ...(asked.requestedSchema === undefined ? {} : { requested_schema: { ...asked.requestedSchema } }),
      ...(asked.url === undefined ? {} : { url: asked.url }),
      requested_at: now,
      expires_at: now + timeout,
    };
    const requested: Event = { type: 'elicitation_requested', ...turnOf(elicitation), elicitation };
    // Before the question is in the log, the agent may withdraw it, or its turn may end.
    const ask = (...events: Event[]) =>
      hold(() => (signal.aborted || journal.head.state.turn_id !== turn ? [] : events));
    if (isInterrupted() || !waiting.hasRoomFor(elicitation)) {
      await ask(requested, cancelled(elicitation, 'server'));
      return { action: 'cancel' };
    }
    const cancel = () => waiters.settle(elicitation.elicitation_id, { action: 'cancel' });
    let late = false;
    const onTimeout = () => {
      late = true;
      void giveUp(elicitation, 'timeout');
    };
    const onAbort = () => void giveUp(elicitation, 'agent');
    const answered = waiters.wait(elicitation.elicitation_id, { timeout, signal, onTimeout, onAbort });
    try {
      const ids = await ask(requested);
      // It may have been withdrawn, or its deadline may have passed, while it was being written.
      // Without this: lets a question last for ever that was asked after its deadline
      if (ids.length === 0) cancel();
      else if (signal.aborted) onAbort();
      else if (late) onTimeout();
    } catch (error) {
      cancel();
      throw error;
    }
    return answered;
  }

  // A failed append is ignored: `hold` has ended the turn then, which ends the wait too.
  async function giveUp(elicitation: Elicitation, by: ResolvedBy): Promise<void> {
    const isPending = () => pendingElicitation(journal.head, elicitation.elicitation_id) !== undefined;
    // An answer is being written. If the log refuses it, there is none.
    if (!isPending()) await journal.settled();
    if (!isPending()) return;
    hold(() => (isPending() ? [cancelled(elicitation, by)] : [])).then(
      (ids) => ids.length > 0 && waiters.settle(elicitation.elicitation_id, { action: 'cancel' }),
      () => undefined,
    );
  }

  async function answer(given: ElicitationSubmission, accepted: Event, record: RecordOf | undefined) {
    // Loaded first: there must be no wait between the check of what is pending and the append.
    const { checkAnswers } = checks ?? (await loadChecks());
    const id = given.elicitation_id;
    const elicitation = pendingElicitation(journal.head, id);
    if (elicitation === undefined) {
      if (journal.head.answered.has(id))
        throw new ServiceError('ApprovalResolved', `Question ${id} has been answered.`);
      throw new ServiceError('ApprovalNotFound', `No question ${id} in this session.`);
    }
    const { action } = given;
    const content = action === 'accept' ? (given.content ?? {}) : undefined;
    if (content !== undefined && elicitation.requested_schema !== undefined) {
      checkAnswers(elicitation.requested_schema, content);
    }
    const resolved: ElicitationResolvedEvent = {
      type: 'elicitation_resolved',
      ...turnOf(elicitation),
      elicitation_id: id,
      by: 'user',
      action,
      ...(content === undefined ? {} : { content }),
    };
    const ids = await journal.append([accepted, resolved], record);
    waiters.settle(id, action === 'accept' ? { action, content: content ?? {} } : { action });
    return ids;
  }

  function cancellations() {
    const open = journal.head.state.pending_elicitations;
    return {
      events: open.map((elicitation) => cancelled(elicitation, 'server')),
      released: () => {
        for (const { elicitation_id } of open) waiters.settle(elicitation_id, { action: 'cancel' });
      },
    };
  }

  return { request, answer, cancellations };
}

function cancelled(elicitation: Elicitation, by: ResolvedBy): ElicitationResolvedEvent {
  const { elicitation_id } = elicitation;
  return { type: 'elicitation_resolved', ...turnOf(elicitation), elicitation_id, by, action: 'cancel' };
}

function turnOf({ turn_id }: Elicitation): { turn_id?: string } {
  return turn_id === undefined ? {} : { turn_id };
}
