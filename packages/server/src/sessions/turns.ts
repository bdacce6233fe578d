import { randomUUID } from 'node:crypto';
import type { Event } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { QueuedMessage } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import type { CheckedLimits } from '../limits.js';
import { retryWhileUnavailable } from '../log/retry-while-unavailable.js';
import type { AgentSlot } from './agent-slot.js';
import { runMessageTurn } from './message-turn.js';
import { createWishes, runOwnTurn } from './own-turn.js';
import { createRunningTurn, endOwnTurn, type RunningTurn } from './running-turn.js';
import { createTurnCompletion } from './turn-completion.js';
import { BUDGET_SPENT, endsOf, SUBMISSION_STARTED, type TurnEnd, unresponsive } from './turn-end.js';

/**
 * Runs the queued messages of a session one after another, and between them the turns that the agent begins. Each gets exactly
 * one `turn_completed` (promise 6).
 */
export interface Turns {
  /** Starts the next queued turn, unless the turn of another message is running. */
  next(): void;
  /**
   * Begins a turn of the agent's own. Resolves with its id, or with undefined if the agent is being ended or has been given the
   * next message. `after` is the last turn that has ended for the agent: its end may not be in the log yet.
   */
  startOwn(after: string | undefined): Promise<string | undefined>;
  /** To be called when the agent has been silent for as long as its turn allows. */
  silent(): void;
  /**
   * Tells the agent to cancel the running turn, which ends so once it obeys; with an id, only if it is the turn with that id.
   * What the agent has completed all the same is completed. Resolves when the agent has been told.
   */
  cancel(turnId: string | undefined, end: TurnEnd): Promise<void>;
  /** Whether the running turn has been cancelled. */
  readonly cancelled: boolean;
  /**
   * Ends the running turn with this cause and starts no other one. Resolves when the end is in the log.
   *
   * @throws ServiceError `Unavailable` if the log cannot be written; the end is written after `resume`.
   */
  stop(end: TurnEnd): Promise<void>;
  /** Continues after `stop`. */
  resume(): void;
  /** Ends the running turn with this cause, then goes on with the queue. */
  abort(end: TurnEnd): void;
}

/** The options of turns. */
export interface TurnsOptions {
  readonly journal: Journal;
  readonly slot: AgentSlot;
  readonly logger: Logger;
  /** Resolves when the turn of a queued message may start. */
  readonly ready: (turnId: string) => Promise<void>;
  /** Called before the agent gets a turn: how many milliseconds it may be silent. Called again, it changes that. */
  readonly begin: (maxSilence: number) => void;
  /** Called when the agent has finished, before the end of the turn is written. */
  readonly settle: () => Promise<void>;
  /** The events that cancel everything that waits for the user: it ends with the turn. */
  readonly cancellations: () => { events: Event[]; released: () => void };
  /** Whether the budget of the session has nothing left for another turn. */
  readonly isSpent: () => boolean;
  readonly limits: Pick<CheckedLimits, 'interruptGraceMs' | 'maxTurnSilenceMs' | 'agentTurnIdleMs'>;
}

/** Creates the queue runner of a session. */
export function createTurns(options: TurnsOptions): Turns {
  const { journal, slot, logger, ready, begin, settle, cancellations, isSpent, limits } = options;
  const { interruptGraceMs, maxTurnSilenceMs, agentTurnIdleMs } = limits;
  let running: RunningTurn | undefined;
  let active: Promise<void> | undefined;
  let stopped = false;
  const isOver = () => stopped;
  const completion = createTurnCompletion({ journal, cancellations, isOver });
  const wishes = createWishes();

  async function runQueue(): Promise<void> {
    // Without this: forgets the end of a turn when a session could not be closed
    await completion.write();
    for (let wasOwn = false; !stopped; ) {
      // Without this: gives the agent turns for which the budget has nothing left
      if (isSpent()) await endWaiting();
      const message = journal.head.queue[0];
      // Without this: lets an agent that goes on talking keep a message waiting
      if (wishes.isWaiting && !(wasOwn && message !== undefined)) {
        wasOwn = true;
        await runOwn();
      } else if (message !== undefined) {
        wasOwn = false;
        wishes.grant(undefined);
        // Without this: gives the agent a message that it may have taken into the turn before
        await ready(message.turnId);
        if (!stopped) await run(message);
      } else return;
    }
  }

  /** Ends what waits, since the budget is spent. */
  async function endWaiting(): Promise<void> {
    // Without this: lets an agent go on by itself when the budget is spent
    if (wishes.isWaiting) void slot.close();
    wishes.grant(undefined);
    const end = () => journal.append(endsOf(journal.head.queue, BUDGET_SPENT));
    await retryWhileUnavailable(end, isOver);
  }

  async function runOwn(): Promise<void> {
    const agent = slot.current;
    if (agent === undefined) return wishes.grant(undefined);
    const id = randomUUID();
    const turn = createRunningTurn({ turn_id: id, submission_id: id, origin: 'agent' });
    await retryWhileUnavailable(() => journal.append([{ type: 'turn_started', ...turn.of }]), isOver);
    running = turn;
    const end = await runOwnTurn(turn, {
      agent,
      logger,
      begin() {
        begin(agentTurnIdleMs);
        wishes.grant(id);
      },
      isMessageWaiting: () => journal.head.queue.length > 0,
    });
    await complete(turn, end);
  }

  async function run(message: QueuedMessage): Promise<void> {
    const turn = createRunningTurn({ turn_id: message.turnId, submission_id: message.submissionId });
    // Durable before the agent gets the message, so that it never gets the same message twice after a crash (promise 4).
    running = turn;
    const started = await retryWhileUnavailable(async () => {
      // The turn may have been cleared from the queue while the log could not be written.
      // Without this: gives the agent a message that was cleared from the queue
      if (journal.head.queue[0]?.turnId !== message.turnId) return false;
      // Without this: gives the agent a message before that is in the log
      await journal.append([{ type: 'turn_started', ...turn.of }]);
      return true;
    }, isOver);
    if (!started) {
      running = undefined;
      return;
    }
    const end = await runMessageTurn(turn, message, { slot, logger, begin: () => begin(maxTurnSilenceMs) });
    await complete(turn, end);
  }

  async function complete({ of }: RunningTurn, end: TurnEnd): Promise<void> {
    await settle();
    await completion.write({ type: 'turn_completed', ...of, ...end });
    running = undefined;
  }

  function wake(): void {
    if (active !== undefined || stopped) return;
    active = runQueue().then(
      () => {
        active = undefined;
        // A message may have arrived after the queue was found empty.
        if (journal.head.queue.length > 0 || wishes.isWaiting) wake();
      },
      (err: unknown) => {
        active = undefined;
        running = undefined;
        wishes.grant(undefined);
        logger.error({ err }, 'the queue of turns has stopped');
      },
    );
  }

  function next(): void {
    endOwnTurn(running, SUBMISSION_STARTED);
    wake();
  }

  function abort(end: TurnEnd): void {
    if (running === undefined) return;
    running.decide(end);
    void slot.close();
  }

  return {
    next,
    abort,
    async startOwn(after) {
      // Without this: begins a turn of the agent's in the middle of another one
      if (stopped || (running !== undefined && running.of.turn_id !== after)) return undefined;
      const turnId = wishes.add();
      wake();
      return turnId;
    },
    silent() {
      if (running?.of.origin !== 'agent') return abort(unresponsive(maxTurnSilenceMs));
      // Without this: never ends a turn that the agent began
      endOwnTurn(running, { status: 'completed', cause: 'agent_idle' });
    },
    get cancelled() {
      return running?.cancelled !== undefined;
    },
    async cancel(turnId, end) {
      const turn = running;
      if (turn === undefined || (turnId !== undefined && turnId !== turn.of.turn_id)) return;
      if (turn.cancelled !== undefined) return;
      turn.cancelled = end;
      // A turn that the agent began has no answer that ends it: an agent that obeys falls silent.
      if (turn.of.origin === 'agent') begin(Math.min(agentTurnIdleMs, interruptGraceMs / 2));
      setTimeout(() => {
        // Without this: waits for an agent that does not obey an interrupt
        if (running === turn) void slot.close();
      }, interruptGraceMs).unref();
      await slot.current
        ?.cancel()
        .catch((err: unknown) => logger.warn({ err }, 'the agent did not take the cancellation'));
    },
    async stop(end) {
      stopped = true;
      abort(end);
      await active;
      wishes.grant(undefined);
      await completion.write();
    },
    resume() {
      stopped = false;
      next();
    },
  };
}
