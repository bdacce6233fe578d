import type { SubmitResponse, TurnCompletedEvent } from '@parleyhq/contract';
import { TurnError, ValidationError } from './errors.js';
import type { ConnectionStatus } from './stream/connection-status.js';
import type { EventStream } from './stream/event-stream.js';
import type { EventPosition, SessionEvent } from './stream/session-event.js';
import { createTurnFold, turnIdOf } from './turn-fold.js';

/** How a loop over a turn reads. */
export interface TurnReadOptions {
  /** Stops the reading, and never the agent. */
  readonly signal?: AbortSignal | undefined;
  /** For a status light. */
  readonly onConnection?: ((status: ConnectionStatus) => void) | undefined;
}

/**
 * What one user message sets off, from its `submission_accepted` to its `turn_completed`. Iterate it for its events, as
 * often as you like: each loop begins at the beginning. Leaving a loop stops that reading and never interrupts the agent:
 * that is `session.interrupt()`.
 */
export interface Turn extends AsyncIterable<SessionEvent> {
  readonly id: string;
  readonly submissionId: string;
  /** The id of its `submission_accepted`. */
  readonly eventId: number;
  /** The turn's events, from the beginning. The loop throws like one over `session.events()`. */
  events(options?: TurnReadOptions): AsyncGenerator<SessionEvent, undefined, undefined>;
  /**
   * The end of the turn, whatever its status: look at `status` and `cause`. Works before, during and after a loop.
   *
   * @throws what a loop would, where the end cannot be read.
   */
  completed(options?: TurnReadOptions): Promise<TurnCompletedEvent & EventPosition>;
  /**
   * What the agent said in this turn, whole: the text of its messages, a blank line between two.
   *
   * @throws TurnError unless the turn ended as `completed`; its `completed` says how it did.
   */
  text(options?: TurnReadOptions): Promise<string>;
}

/** Where a turn's events come from. */
export interface TurnSource {
  /** Goes on for as long as the session does. */
  live(after: number, options: TurnReadOptions): EventStream;
  /** What the log has. */
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
      // From where the fold stands: what a loop has read is not read again.
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

/** Nothing of this turn follows its end, even where this release cannot read the end. */
function refuseUnreadableEnd(event: SessionEvent): void {
  if (event.type !== 'unknown' || Object(event.raw).type !== 'turn_completed') return;
  throw new ValidationError(`Event ${event.id}, the end of the turn,`, event.problems, event.raw);
}
