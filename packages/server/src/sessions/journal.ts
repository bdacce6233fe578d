import { type Event, ServiceError } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { EventLog, IdempotencyRecord, LogEntry } from '../log/event-log.js';
import { checkedEvent } from './checked-event.js';
import { fold, type SessionFold } from './fold.js';

/** The command behind an append; its answer may name the ids of the events and the state that they lead to. */
export type RecordOf = (ids: readonly number[], reached: SessionFold) => IdempotencyRecord;

/** The single writer of one session: numbers events, serialises each frame once, and shows them when they are durable. */
export interface Journal {
  /** The fold of every event given, durable or not: what the next command is decided on. */
  readonly head: SessionFold;
  /** The fold of the durable events: what may be shown (promise 1). */
  readonly durable: SessionFold;
  /**
   * Appends events in one piece and resolves with their ids when they are durable and published. Calls need not wait
   * for each other; their events become durable in the order of the calls.
   *
   * @throws ServiceError `Unavailable` when the log cannot be written; nothing of the call is kept then.
   */
  append(events: readonly [Event, ...Event[]], record?: RecordOf): Promise<readonly number[]>;
}

/** What a journal needs. */
export interface JournalOptions {
  readonly sessionId: string;
  readonly log: EventLog;
  readonly logger: Logger;
  /** The fold of what the log already has. */
  readonly restored?: SessionFold | undefined;
  /** Shows durable frames to the subscriptions. */
  readonly publish: (entries: readonly LogEntry[]) => void;
  /** Called once when an append fails: what followed is void, and the log must be tried again. */
  readonly onFailure: (error: ServiceError) => void;
}

/** Opens the journal of a session. Without `restored`, its first event must be `session_created`. */
export function createJournal(options: JournalOptions): Journal {
  const { sessionId, log } = options;
  let head = options.restored;
  let durable = options.restored;
  // Appends that were decided on a head that has failed since must not reset the head that came after.
  let generation = 0;

  async function append(events: readonly [Event, ...Event[]], record?: RecordOf): Promise<readonly number[]> {
    const timestamp = Date.now();
    const expected = head?.state.latest_event_id ?? 0;
    const entries: LogEntry[] = [];
    for (const given of events) {
      const id = expected + entries.length + 1;
      const payload = checkedEvent(given, options.logger);
      entries.push({ id, frame: JSON.stringify({ type: 'event', id, timestamp, payload }) });
      head = fold(head, id, timestamp, payload);
    }
    const ids = entries.map((entry) => entry.id);
    const [first] = entries;
    if (record !== undefined && first !== undefined) {
      entries[0] = { ...first, idempotency: record(ids, begun(head)) };
    }
    const reached = head;
    const mine = generation;
    try {
      await log.append(sessionId, expected, entries);
    } catch (cause) {
      const error = new ServiceError('Unavailable', 'The log cannot be written.', { cause, retryAfter: 1 });
      if (mine === generation) {
        generation += 1;
        head = durable;
        options.logger.error({ err: cause, session_id: sessionId }, 'the log cannot be written');
        options.onFailure(error);
      }
      throw error;
    }
    durable = reached;
    options.publish(entries);
    return ids;
  }

  return {
    append,
    get head() {
      return begun(head);
    },
    get durable() {
      return begun(durable);
    },
  };
}

function begun(state: SessionFold | undefined): SessionFold {
  if (state === undefined) throw new Error('the session has no event yet');
  return state;
}
