import { randomUUID } from 'node:crypto';
import { AgentError, addTokens } from '@parleyhq/agents';
import type { Event, TurnCompletedEvent } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { QueuedMessage } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import type { CheckedLimits } from '../limits.js';
import { retryWhileUnavailable } from '../log/retry-while-unavailable.js';
import type { AgentSlot } from './agent-slot.js';
import { failed, INTERRUPTED, type TurnEnd, unresponsive } from './turn-end.js';

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
  /** Cancels the running turn; with an id, only if it is the turn with that id. Resolves when the agent has been told. */
  interrupt(turnId: string | undefined): Promise<void>;
  /** Whether the running turn has been cancelled. */
  readonly interrupted: boolean;
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
  readonly limits: Pick<CheckedLimits, 'interruptGraceMs' | 'maxTurnSilenceMs' | 'agentTurnIdleMs'>;
}

interface RunningTurn {
  readonly id: string;
  readonly submissionId: string;
  interrupted: boolean;
  /** The end that the server has decided on. It replaces what the agent reports. */
  decided?: TurnEnd;
  /** Only of a turn that the agent began: ends it as decided. */
  readonly onDecided?: (end: TurnEnd) => void;
}

/** The agent's wish to begin a turn. */
interface Wish {
  readonly turnId: Promise<string | undefined>;
  readonly grant: (turnId: string | undefined) => void;
}

/** Creates the queue runner of a session. */
export function createTurns({
  journal,
  slot,
  logger,
  ready,
  begin,
  settle,
  cancellations,
  limits,
}: TurnsOptions): Turns {
  const { interruptGraceMs, maxTurnSilenceMs, agentTurnIdleMs } = limits;
  let running: RunningTurn | undefined;
  let wish: Wish | undefined;
  /** The end of a turn, while it is not in the log yet. */
  let unwrittenEnd: TurnCompletedEvent | undefined;
  let active: Promise<void> | undefined;
  let stopped = false;
  const isOver = () => stopped;

  async function runQueue(): Promise<void> {
    // Without this: forgets the end of a turn when a session could not be closed
    await writeEnd();
    for (let wasOwn = false; !stopped; ) {
      const message = journal.head.queue[0];
      // Without this: lets an agent that goes on talking keep a message waiting
      if (wish !== undefined && !(wasOwn && message !== undefined)) {
        wasOwn = true;
        await runOwn();
      } else if (message !== undefined) {
        wasOwn = false;
        grant(undefined);
        // Without this: gives the agent a message that it may have taken into the turn before
        await ready(message.turnId);
        if (!stopped) await run(message);
      } else return;
    }
  }

  function grant(turnId: string | undefined): void {
    const granted = wish;
    wish = undefined;
    granted?.grant(turnId);
  }

  /** Runs a turn that the agent has begun, until it is silent, is given a message, is interrupted or has ended. */
  async function runOwn(): Promise<void> {
    const agent = slot.current;
    if (agent === undefined) return grant(undefined);
    const id = randomUUID();
    const of = { turn_id: id, submission_id: id, origin: 'agent' } as const;
    await retryWhileUnavailable(() => journal.append([{ type: 'turn_started', ...of }]), isOver);
    let onDecided: (end: TurnEnd) => void = () => undefined;
    const ended = new Promise<TurnEnd>((resolve) => {
      onDecided = resolve;
    });
    const turn: RunningTurn = { id, submissionId: id, interrupted: false, onDecided };
    running = turn;
    void agent.exited.then((exit) => endOwn(failed(new AgentError('exit', 'The agent has ended.', exit)), turn));
    begin(agentTurnIdleMs);
    grant(id);
    // Without this: keeps a message waiting until the agent is silent
    if (journal.head.queue.length > 0) endOwn(SUBMISSION_STARTED);
    const end = await ended;
    await agent
      .endTurn(end.status !== 'completed')
      .catch((err: unknown) => logger.warn({ err }, 'the agent has ended'));
    await settle();
    unwrittenEnd = { type: 'turn_completed', ...of, ...end };
    await writeEnd();
    running = undefined;
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
      await journal.append([...open.events, ...used(completed), completed]);
      open.released();
    }, isOver);
    unwrittenEnd = undefined;
  }

  /** What the session has used together with a turn. */
  function used({ turn_id, usage }: TurnCompletedEvent): Event[] {
    if (usage === undefined) return [];
    const before = journal.head.state.usage ?? {};
    return [{ type: 'usage_updated', turn_id, usage: { ...before, ...addTokens(before, usage) } }];
  }

  async function outcome(turn: RunningTurn, message: QueuedMessage): Promise<TurnEnd> {
    try {
      if (turn.decided !== undefined) return turn.decided;
      const agent = await slot.ensure();
      if (turn.decided !== undefined) return turn.decided;
      if (turn.interrupted) return { status: 'interrupted', cause: 'interrupted' };
      begin(maxTurnSilenceMs);
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

  function wake(): void {
    if (active !== undefined || stopped) return;
    active = runQueue().then(
      () => {
        active = undefined;
        // A message may have arrived after the queue was found empty.
        if (journal.head.queue.length > 0 || wish !== undefined) wake();
      },
      (err: unknown) => {
        active = undefined;
        running = undefined;
        grant(undefined);
        logger.error({ err }, 'the queue of turns has stopped');
      },
    );
  }

  function next(): void {
    endOwn(SUBMISSION_STARTED);
    wake();
  }

  function decide(turn: RunningTurn, end: TurnEnd): void {
    turn.decided ??= end;
    turn.onDecided?.(turn.decided);
  }

  /** Ends the turn that the agent has begun, if it is running. */
  function endOwn(end: TurnEnd, turn = running): void {
    if (turn?.onDecided !== undefined) decide(turn, turn.interrupted ? INTERRUPTED : end);
  }

  function abort(end: TurnEnd): void {
    if (running === undefined) return;
    decide(running, end);
    void slot.close();
  }

  return {
    next,
    abort,
    async startOwn(after) {
      // Without this: begins a turn of the agent's in the middle of another one
      if (stopped || (running !== undefined && running.id !== after)) return undefined;
      wish ??= createWish();
      const { turnId } = wish;
      wake();
      return turnId;
    },
    silent() {
      if (running?.onDecided === undefined) return abort(unresponsive(maxTurnSilenceMs));
      // Without this: never ends a turn that the agent began
      endOwn({ status: 'completed', cause: 'agent_idle' });
    },
    get interrupted() {
      return running?.interrupted === true;
    },
    async interrupt(turnId) {
      const turn = running;
      if (turn === undefined || turn.interrupted || (turnId !== undefined && turnId !== turn.id)) return;
      turn.interrupted = true;
      // A turn that the agent began has no answer that ends it: an agent that obeys falls silent.
      if (turn.onDecided !== undefined) begin(Math.min(agentTurnIdleMs, interruptGraceMs / 2));
      setTimeout(() => {
        // Without this: waits for an agent that does not obey an interrupt
        if (running === turn) void slot.close();
      }, interruptGraceMs).unref();
      await slot.current
        ?.cancel()
        .catch((err: unknown) => logger.warn({ err }, 'the agent did not take the interrupt'));
    },
    async stop(end) {
      stopped = true;
      abort(end);
      await active;
      grant(undefined);
      await writeEnd();
    },
    resume() {
      stopped = false;
      next();
    },
  };
}

const SUBMISSION_STARTED: TurnEnd = { status: 'interrupted', cause: 'submission_started' };

function createWish(): Wish {
  let grant: Wish['grant'] = () => undefined;
  const turnId = new Promise<string | undefined>((resolve) => {
    grant = resolve;
  });
  return { turnId, grant };
}
