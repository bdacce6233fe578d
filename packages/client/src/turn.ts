import type { SubmitResponse, TurnCompletedEvent } from '@parleyhq/contract';
import { TurnError, ValidationError } from './errors.js';
import type { ConnectionStatus } from './stream/connection-status.js';
import type { EventStream } from './stream/event-stream.js';
import type { EventPosition, SessionEvent } from './stream/session-event.js';
import { createTurnFold, turnIdOf } from './turn-fold.js';

/** The options of a loop over a turn. */
export interface TurnReadOptions {
  /** Stops the reading, but not the agent. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the state of the connection changes, for example for a status light. */
  readonly onConnection?: ((status: ConnectionStatus) => void) | undefined;
}

/**
 * What one user message starts, from its `submission_accepted` to its `turn_completed`. Iterate it for its events, as often
 * as you like: each loop starts with the first event. Leaving a loop only stops that reading; to stop the agent, use
 * `session.interrupt()`.
 */
export interface Turn extends AsyncIterable<SessionEvent> {
  readonly id: string;
  readonly submissionId: string;
  /** The id of its `submission_accepted`. */
  readonly eventId: number;
  /** The turn's events from the first on. The loop throws like one over `session.events()`. */
  events(options?: TurnReadOptions): AsyncGenerator<SessionEvent, undefined, undefined>;
  /**
   * The end of the turn, whatever its status: look at `status` and `cause`. Works before, during and after a loop.
   *
   * @throws what a loop would throw, if the end cannot be read.
   */
  completed(options?: TurnReadOptions): Promise<TurnCompletedEvent & EventPosition>;
  /**
   * Everything the agent said in this turn: the text of its messages, separated by blank lines.
   *
   * @throws TurnError unless the turn ended as `completed`; its `completed` says how it ended.
   */
  text(options?: TurnReadOptions): Promise<string>;
}

/** Where a turn's events come from. */
export interface TurnSource {
  /** Goes on until the session is closed. */
  live(after: number, options: TurnReadOptions): EventStream;
  /** Ends with the current end of the log. */
  log(after: number, options: TurnReadOptions): AsyncIterable<SessionEvent>;
}

/** The turn that a submission has started or queued. */
export function createTurn(answer: SubmitResponse & { turn_id: string }, source: TurnSource): Turn {
  const { turn_id: id, submission_id: submissionId, event_id: eventId } = answer;
  const fold = createTurnFold(id, eventId - 1);
  const turn: Turn = {
    id,
    submissionId,
    eventId,
    [Symbol.asyncIterator]: () => turn.events(),
    events: (options = {}) => read(eventId - 1, options),
    async completed(options = {}) {
      // Events that a loop has read are not read again.
      for await (const event of read(fold.cursor, options)) if (fold.completed?.id === event.id) break;
      return fold.completed ?? endMissing();
    },
    async text(options = {}) {
      const completed = await turn.completed(options);
      if (completed.status !== 'completed') throw new TurnError(completed);
      return fold.text;
    },
  };
  return turn;

  async function* read(after: number, options: TurnReadOptions): AsyncGenerator<SessionEvent, undefined, undefined> {
    if (fold.completed && after >= fold.completed.id) return undefined;
    const events = fold.completed ? source.log(after, options) : source.live(after, options);
    for await (const event of events) {
      fold.add(event);
      if (turnIdOf(event) !== id) continue;
      yield event;
      if (event.type === 'turn_completed') return undefined;
      refuseUnreadableEnd(event);
    }
    endMissing();
  }

  function endMissing(): never {
    throw new Error(`The session ended before the turn ${id} did, which the contract rules out.`);
  }
}

/** No event of this turn follows its end, even if this release cannot read the end. */
function refuseUnreadableEnd(event: SessionEvent): void {
  if (event.type !== 'unknown' || Object(event.raw).type !== 'turn_completed') return;
  throw new ValidationError(`Event ${event.id}, the end of the turn,`, event.problems, event.raw);
}
