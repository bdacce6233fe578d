import { setTimeout as delay } from 'node:timers/promises';
import { type Event, ServiceError } from '@parleyhq/contract';
import type { Logger } from 'pino';
import {
  type EventLog,
  type IdempotencyRecord,
  type LogEntry,
  LogError,
  type ReadLimit,
  type StoredEvent,
} from '../log/event-log.js';
import { checkedEvent } from './checked-event.js';
import { fold, type SessionFold } from './fold.js';
import { foldFrame } from './read-fold.js';
import { createSnapshots } from './snapshots.js';

/** Creates the idempotency record of an append from the ids of its events and the state after them. */
export type RecordOf = (ids: readonly number[], reached: SessionFold) => IdempotencyRecord;

/** The only writer of one session: numbers events, serialises each frame once, and publishes them when they are durable. */
export interface Journal {
  /** The fold of all events, durable or not. Decisions about the next command use it. */
  readonly head: SessionFold;
  /** The fold of the durable events. Only this one may be shown (promise 1). */
  readonly durable: SessionFold;
  /**
   * Appends events atomically and resolves with their ids when they are durable and published. Calls need not wait for each
   * other: their events become durable in the order of the calls. An empty list does nothing.
   *
   * @throws ServiceError `Unavailable` when the log cannot be written, `SessionClosed` after `session_closed`; nothing of
   * the call is kept then.
   */
  append(events: readonly Event[], record?: RecordOf): Promise<readonly number[]>;
  /** Resolves when all appends so far are durable or refused: `head` has nothing of them then that the log does not have. */
  settled(): Promise<void>;
}

/** The options of a journal. */
export interface JournalOptions {
  readonly sessionId: string;
  readonly log: EventLog;
  readonly logger: Logger;
  /** The fold of what the log already has. */
  readonly restored?: SessionFold | undefined;
  /** Shows durable frames to the subscriptions. */
  readonly publish: (events: readonly StoredEvent[]) => void;
}

/** A read limit that is larger than the events of any append. */
const ALL = { events: 1_000_000, bytes: Number.MAX_SAFE_INTEGER };

/** Milliseconds between two attempts to find out whether an append was written. */
const RETRY = 250;

/** Opens the journal of a session. Without `restored`, its first event must be `session_created`. */
export function createJournal(options: JournalOptions): Journal {
  const { sessionId, log } = options;
  // Without this: begins again at 1 after a restart
  let head = options.restored;
  let durable = options.restored;
  const keepSnapshot = createSnapshots(log, sessionId, options.logger);
  // Counts the resets of the head: an append that began before a reset must not reset the newer head.
  let generation = 0;
  /** Settles when all appends so far have settled. */
  let settled: Promise<void> = Promise.resolve();

  function append(events: readonly Event[], record?: RecordOf): Promise<readonly number[]> {
    if (events.length === 0) return Promise.resolve([]);
    const appended = write(events, record, settled);
    settled = appended.then(
      () => undefined,
      () => undefined,
    );
    return appended;
  }

  async function write(
    events: readonly Event[],
    record: RecordOf | undefined,
    earlier: Promise<void>,
  ): Promise<readonly number[]> {
    // Without this: lets events follow the end of a session
    if (head !== undefined) refuseClosed({ head });
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
      // Without this: keeps no record of a command
      entries[0] = { ...first, idempotency: record(ids, requireCreated(head)) };
    }
    const reached = head;
    const startedIn = generation;
    try {
      // Without this: acknowledges without waiting for the log
      // Without this: shows an event before the log has it
      await log.append(sessionId, expected, entries);
    } catch (cause) {
      await earlier;
      if (startedIn === generation) {
        generation += 1;
        // Without this: builds on events that were never written
        head = durable;
        options.logger.error({ err: cause, session_id: sessionId }, 'the log cannot be written');
        // Without this: does not show what was written although the answer was lost
        await catchUp(cause);
      }
      // If the events were committed before the failure, the append has succeeded.
      // Without this: takes for lost what was written although the answer was lost
      if (await isStored(expected, entries, cause)) return ids;
      throw new ServiceError('Unavailable', 'The log cannot be written.', { cause, retryAfter: 1 });
    }
    durable = reached;
    // Without this: shows an event before the log has it
    options.publish(entries);
    keepSnapshot(requireCreated(durable), entries);
    return ids;
  }

  /** Reads and publishes events that the log has although their append seemed to fail. */
  async function catchUp(cause: unknown): Promise<void> {
    const after = durable?.state.latest_event_id ?? 0;
    const found = await readOn(after, ALL, cause);
    if (found.length === 0 || after !== (durable?.state.latest_event_id ?? 0)) return;
    for (const { frame } of found) durable = foldFrame(durable, frame);
    generation += 1;
    head = durable;
    options.publish(found);
    keepSnapshot(requireCreated(durable), found);
  }

  async function isStored(after: number, entries: readonly LogEntry[], cause: unknown): Promise<boolean> {
    const found = await readOn(after, { ...ALL, events: entries.length }, cause);
    return entries.every(({ frame }, index) => frame === found[index]?.frame);
  }

  /**
   * Reads the log; an empty list if it cannot be read. After a lost answer, it retries until it succeeds: if the append were
   * taken for failed, its caller would repeat it, and the events would be in the log twice.
   */
  async function readOn(after: number, limit: ReadLimit, cause: unknown): Promise<readonly StoredEvent[]> {
    const isLost = cause instanceof LogError && cause.reason === 'lost';
    for (;;) {
      try {
        return await log.read(sessionId, after, limit);
      } catch (err) {
        options.logger.error({ err, session_id: sessionId }, 'the log cannot be read');
        // Without this: says again what was written before the thread of the log died
        if (!isLost || (err instanceof LogError && err.reason === 'closed')) return [];
        await delay(RETRY);
      }
    }
  }

  return {
    append,
    settled: () => settled,
    get head() {
      return requireCreated(head);
    },
    get durable() {
      // Without this: shows the state that events will lead to
      return requireCreated(durable);
    },
  };
}

/** @throws ServiceError `SessionClosed` */
export function refuseClosed({ head }: Pick<Journal, 'head'>): void {
  if (head.state.closed_at !== null) throw new ServiceError('SessionClosed', 'The session is closed.');
}

function requireCreated(state: SessionFold | undefined): SessionFold {
  if (state === undefined) throw new Error('the session has no event yet');
  return state;
}
