import { randomUUID } from 'node:crypto';
import { AgentError, AgentSettingError } from '@parleyhq/agents';
import {
  type ConfigureSubmission,
  ServiceError,
  type Submission,
  type SubmissionAcceptedEvent,
  type SubmitResponse,
  type UserMessageSubmission,
} from '@parleyhq/contract';
import type { RecordAnswer } from '../journal/idempotency.js';
import { type Journal, refuseClosed } from '../journal/journal.js';
import type { CheckedLimits } from '../limits.js';
import type { AgentSlot } from './agent-slot.js';
import type { Approvals } from './approvals.js';
import type { Elicitations } from './elicitations.js';
import { loginRequired } from './login-required.js';
import { cancelQuestions } from './questions.js';
import type { Steering } from './steering.js';
import { endsOf, INTERRUPTED } from './turn-end.js';
import type { Turns } from './turns.js';
import type { WaitingSize } from './waiting-size.js';

/** The options of submissions. */
export interface SubmissionsOptions {
  readonly journal: Journal;
  readonly approvals: Approvals;
  readonly elicitations: Elicitations;
  readonly turns: Turns;
  readonly steering: Steering;
  readonly slot: AgentSlot;
  readonly waiting: WaitingSize;
  readonly limits: Pick<CheckedLimits, 'maxQueuedTurns' | 'configureTimeoutMs'>;
}

/** Creates the function that accepts the submissions of a session. It resolves when a submission is durable (promise 1). */
export function createSubmissions(options: SubmissionsOptions) {
  const { journal, approvals, elicitations, turns, steering, slot, waiting } = options;
  const { maxQueuedTurns, configureTimeoutMs } = options.limits;

  /** Sets an option of the agent. The new value is reported in a `session_updated`. */
  async function configure({ config_id, value }: ConfigureSubmission): Promise<void> {
    try {
      const agent = await slot.ensure();
      await inTime(agent.configure(config_id, value), configureTimeoutMs);
    } catch (error) {
      if (error instanceof AgentSettingError) {
        const known = journal.head.state.config_options.some((option) => option.config_id === config_id);
        const pointer = known || config_id === 'mode' ? '/body/value' : '/body/config_id';
        throw new ServiceError('InvalidRequest', error.message, { details: [{ pointer, message: error.message }] });
      }
      if (error instanceof ServiceError) throw error;
      if (error instanceof AgentError && error.kind === 'login') throw loginRequired(error);
      const message = error instanceof Error ? error.message : String(error);
      throw new ServiceError('AgentUnavailable', message, { cause: error, retryAfter: 1 });
    }
  }

  /** Refuses images for an agent that says it takes none. One that does not run yet says so when it has started: in its turn. */
  function refuseImages({ content }: UserMessageSubmission): void {
    if (typeof content === 'string' || slot.current?.info.capabilities.includes('images') !== false) return;
    const index = content.findIndex(({ type }) => type === 'image');
    // Without this: takes an image for an agent that takes none
    if (index !== -1) {
      const message = 'the agent takes no images';
      const details = [{ pointer: `/body/content/${index}`, message }];
      throw new ServiceError('InvalidRequest', `content/${index}: ${message}.`, { details });
    }
  }

  // What the running turn asked is cancelled with the append that interrupts it: whoever answers it later is too late.
  // Without this: takes an answer that the agent of an interrupted turn does not get
  const cancellations = () => cancelQuestions(approvals, elicitations);

  return async (submission: Submission, record: RecordAnswer<SubmitResponse>): Promise<SubmitResponse> => {
    refuseClosed(journal);
    const submission_id = submission.submission_id ?? randomUUID();
    const timestamp = Date.now();
    const accepted: SubmissionAcceptedEvent = { type: 'submission_accepted', submission_id, submission };
    const answer = (ids: readonly number[], turn?: { turn_id: string }): SubmitResponse => ({
      status: 'submitted',
      timestamp,
      submission_id,
      event_id: ids[0] ?? 0,
      ...turn,
    });
    const recorded = record?.((ids) => answer(ids));
    switch (submission.type) {
      case 'user_message': {
        refuseImages(submission);
        // Without this: queues any number of turns
        if (journal.head.queue.length >= maxQueuedTurns) {
          const most = `The session has ${maxQueuedTurns} queued turns at most.`;
          throw new ServiceError('QueueFull', most, { retryAfter: 1 });
        }
        // Without this: keeps queued messages of any size
        if (!waiting.hasRoomFor(submission)) {
          throw new ServiceError('QueueFull', 'The messages that wait are too large together.', { retryAfter: 1 });
        }
        const turn = { turn_id: randomUUID() };
        const steers = steering.turnFor(submission);
        const interrupts = submission.delivery === 'interrupt' ? cancellations() : undefined;
        const ids = await journal.append(
          [{ ...accepted, ...turn, ...(steers && { steers }) }, ...(interrupts?.events ?? [])],
          record?.((of) => answer(of, turn)),
        );
        if (steers) steering.begin(turn.turn_id);
        const { turn_id: running } = journal.head.state;
        // The turn before it may just have ended.
        const isOther = running !== null && running !== turn.turn_id;
        if (interrupts)
          void (isOther ? turns.cancel(running, INTERRUPTED) : Promise.resolve()).then(interrupts.released);
        turns.next();
        return answer(ids, turn);
      }
      case 'interrupt': {
        const { turn_id, clear_queue } = submission;
        const cleared = journal.head.queue.filter(({ turnId }) => clear_queue === true || turnId === turn_id);
        const hitsRunning = turn_id === undefined || turn_id === journal.head.state.turn_id;
        const open = hitsRunning ? cancellations() : undefined;
        // Without this: clears a queue and leaves its turns without an end
        const events = [...endsOf(cleared, INTERRUPTED), ...(open?.events ?? [])];
        const ids = await journal.append([accepted, ...events], recorded);
        // The agent is told to cancel before it gets its answers, so that it begins nothing new in between.
        void turns.cancel(turn_id, INTERRUPTED).then(() => open?.released());
        return answer(ids);
      }
      case 'approval':
        return answer(await approvals.answer(submission, accepted, recorded));
      case 'elicitation':
        return answer(await elicitations.answer(submission, accepted, recorded));
      case 'configure':
        await configure(submission);
        return answer(await journal.append([accepted], recorded));
    }
  };
}

/** Waits for an answer of the agent, but not longer than this. */
async function inTime(answer: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `The agent did not answer within ${milliseconds} ms.`;
    timer = setTimeout(() => reject(new Error(message)), milliseconds);
  });
  try {
    // Without this: waits for an agent that does not answer a configure
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
