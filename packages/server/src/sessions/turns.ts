import { AgentError } from '@parleyhq/agents';
import type { Event, Failure, TurnCause, TurnCompletedEvent, TurnStatus } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { QueuedMessage } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import { retryWhileUnavailable } from '../log/retry-while-unavailable.js';
import type { AgentSlot } from './agent-slot.js';

/** How a turn ended. */
export type TurnEnd = Pick<TurnCompletedEvent, 'status' | 'cause' | 'error' | 'usage'>;

/** Runs the queued messages of a session one after another; each gets exactly one `turn_completed` (promise 6). */
export interface Turns {
  /** Starts the next queued turn, unless one is running. */
  next(): void;
  /** Cancels the running turn; with an id, only if it is the turn with that id. */
  interrupt(turnId: string | undefined): void;
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
  /** Called before the agent gets a turn. */
  readonly begin: () => void;
  /** Called when the agent has finished, before the end of the turn is written. */
  readonly settle: () => Promise<void>;
  /** The events that cancel everything that waits for the user: it ends with the turn. */
  readonly cancellations: () => { events: Event[]; released: () => void };
  /** Milliseconds that an agent has to react to an interrupt before it is ended. */
  readonly interruptGrace: number;
}

interface RunningTurn {
  readonly id: string;
  readonly submissionId: string;
  interrupted: boolean;
  /** The end that the server has decided on. It replaces what the agent reports. */
  decided?: TurnEnd;
}

/** Creates the queue runner of a session. */
export function createTurns({
  journal,
  slot,
  logger,
  begin,
  settle,
  cancellations,
  interruptGrace,
}: TurnsOptions): Turns {
  let running: RunningTurn | undefined;
  /** The end of a turn, while it is not in the log yet. */
  let unwrittenEnd: TurnCompletedEvent | undefined;
  let active: Promise<void> | undefined;
  let stopped = false;
  const isOver = () => stopped;

  async function runQueue(): Promise<void> {
    // Without this: forgets the end of a turn when a session could not be closed
    await writeEnd();
    for (let message = journal.head.queue[0]; message !== undefined && !stopped; message = journal.head.queue[0]) {
      await run(message);
    }
  }

  async function run(message: QueuedMessage): Promise<void> {
    const turn: RunningTurn = { id: message.turnId, submissionId: message.submissionId, interrupted: false };
    const of = { turn_id: turn.id, submission_id: turn.submissionId };
    // Durable before the agent gets the message, so that it never gets the same message twice after a crash (promise 4).
    running = turn;
    const started = await retryWhileUnavailable(async () => {
      // The turn may have been cleared from the queue while the log could not be written.
      // Without this: gives the agent a message that was cleared from the queue
      if (journal.head.queue[0]?.turnId !== turn.id) return false;
      // Without this: gives the agent a message before that is in the log
      await journal.append([{ type: 'turn_started', ...of }]);
      return true;
    }, isOver);
    if (started) {
      const end = await outcome(turn, message);
      await settle();
      unwrittenEnd = { type: 'turn_completed', ...of, ...end };
      await writeEnd();
    }
    running = undefined;
  }

  /** Writes the end of a turn. It is kept until that has succeeded: `stop` may fail while the log is unavailable, and be resumed. */
  async function writeEnd(): Promise<void> {
    const completed = unwrittenEnd;
    if (completed === undefined) return;
    await retryWhileUnavailable(async () => {
      const open = cancellations();
      await journal.append([...open.events, completed]);
      open.released();
    }, isOver);
    unwrittenEnd = undefined;
  }

  async function outcome(turn: RunningTurn, message: QueuedMessage): Promise<TurnEnd> {
    try {
      if (turn.decided !== undefined) return turn.decided;
      const agent = await slot.ensure();
      if (turn.decided !== undefined) return turn.decided;
      if (turn.interrupted) return { status: 'interrupted', cause: 'interrupted' };
      begin();
      const result = await agent.prompt({ turnId: turn.id, content: message.content });
      if (turn.decided !== undefined) return turn.decided;
      const usage = result.usage === undefined ? {} : { usage: result.usage };
      if (result.stopReason === 'cancelled' && turn.interrupted) {
        return { status: 'interrupted', cause: 'interrupted', ...usage };
      }
      return { status: result.status, cause: result.cause, ...usage };
    } catch (error) {
      if (turn.decided !== undefined) return turn.decided;
      if (turn.interrupted) return { status: 'interrupted', cause: 'interrupted' };
      // Without this: has no end for a turn whose agent has died
      logger.warn({ err: error, turn_id: turn.id }, 'the turn failed');
      return failed(error);
    }
  }

  function next(): void {
    if (active !== undefined || stopped) return;
    active = runQueue().then(
      () => {
        active = undefined;
        // A message may have arrived after the queue was found empty.
        if (journal.head.queue.length > 0) next();
      },
      (err: unknown) => {
        active = undefined;
        running = undefined;
        logger.error({ err }, 'the queue of turns has stopped');
      },
    );
  }

  function abort(end: TurnEnd): void {
    if (running === undefined) return;
    running.decided ??= end;
    void slot.close();
  }

  return {
    next,
    abort,
    interrupt(turnId) {
      const turn = running;
      if (turn === undefined || turn.interrupted || (turnId !== undefined && turnId !== turn.id)) return;
      turn.interrupted = true;
      setTimeout(() => {
        // Without this: waits for an agent that does not obey an interrupt
        if (running === turn) void slot.close();
      }, interruptGrace).unref();
      slot.current?.cancel().catch((err: unknown) => logger.warn({ err }, 'the agent did not take the interrupt'));
    },
    async stop(end) {
      stopped = true;
      abort(end);
      await active;
      await writeEnd();
    },
    resume() {
      stopped = false;
      next();
    },
  };
}

const CAUSES: Record<AgentError['kind'], TurnCause> = {
  start: 'agent_unavailable',
  turn: 'agent_error',
  exit: 'agent_exited',
  protocol: 'agent_error',
  login: 'agent_unavailable',
};

function failed(error: unknown): TurnEnd {
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
