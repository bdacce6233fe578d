import type { Event, UserMessageSubmission } from '@parleyhq/contract';
import { ServiceError } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { QueuedMessage } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import { retryWhileUnavailable } from '../log/retry-while-unavailable.js';
import type { AgentSlot } from './agent-slot.js';
import { failed, type TurnEnd } from './turn-end.js';

/** Gives the agent messages for the turn that runs. */
export interface Steering {
  /**
   * The turn that a message is to be taken into: undefined if it starts or queues one of its own.
   *
   * @throws ServiceError `UnsupportedByAgent`
   */
  turnFor(message: UserMessageSubmission): string | undefined;
  /** To be called when its `submission_accepted` is in the log. */
  begin(turnId: string): void;
  /** Resolves when it is known what became of a message that waits: until then its turn must not start. */
  settled(turnId: string): Promise<void>;
}

/** The options of steering. */
export interface SteeringOptions {
  readonly journal: Journal;
  readonly slot: AgentSlot;
  readonly logger: Logger;
  /** Milliseconds for the agent's answer. */
  readonly timeout: number;
  /** Called when a message was not taken: it waits for its turn. */
  readonly notTaken: () => void;
}

/** Creates it. A message that the agent takes completes its own turn; of one that is lost with the agent, the turn fails. */
export function createSteering({ journal, slot, logger, timeout, notTaken }: SteeringOptions): Steering {
  const underWay = new Map<string, Promise<void>>();
  const queued = (turnId: string) => journal.head.queue.find((message) => message.turnId === turnId);

  async function steer(message: QueuedMessage): Promise<void> {
    const end = await outcome(message);
    if (end === undefined) return notTaken();
    await retryWhileUnavailable(
      async () => {
        // It may have been cleared from the queue meanwhile, and has its end then.
        // Without this: ends the turn of a message twice
        if (queued(message.turnId) === undefined) return;
        const of = { turn_id: message.turnId, submission_id: message.submissionId };
        const completed: Event = { type: 'turn_completed', ...of, ...end };
        await journal.append([completed]);
      },
      () => journal.head.state.closed_at !== null,
    );
  }

  /** The end of its turn; undefined if the agent has not got it. */
  async function outcome({ content }: QueuedMessage): Promise<TurnEnd | undefined> {
    const agent = slot.current;
    if (agent === undefined) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`The agent did not say within ${timeout} ms whether it takes it.`)),
        timeout,
      );
    });
    try {
      const taken = await Promise.race([agent.steer(content), late]);
      return taken ? { status: 'completed', cause: 'steered' } : undefined;
    } catch (error) {
      logger.warn({ err: error }, 'it is not known whether the agent has taken a message into its turn');
      return failed(error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    turnFor({ delivery }) {
      if (delivery !== 'steer') return undefined;
      // Without this: asks an agent for what it cannot do
      if (journal.head.state.capabilities?.includes('steer') !== true) {
        const message = 'the agent takes no message into a running turn';
        const details = [{ pointer: '/body/delivery', message }];
        throw new ServiceError('UnsupportedByAgent', `delivery: ${message}.`, { details });
      }
      const { turn_id } = journal.head.state;
      // A turn that the agent began ends with the next message.
      return turn_id === null || journal.head.runningSubmissionId === turn_id ? undefined : turn_id;
    },
    begin(turnId) {
      const message = queued(turnId);
      if (message === undefined) return;
      const steered = steer(message)
        .catch((err: unknown) => logger.error({ err }, 'a message could not be taken into the turn that runs'))
        .finally(() => underWay.delete(turnId));
      underWay.set(turnId, steered);
    },
    async settled(turnId) {
      await underWay.get(turnId);
    },
  };
}
