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
   * for each other; their events become durable in the order of the calls. An empty list is nothing to do.
   *
   * @throws ServiceError `Unavailable` when the log cannot be written, `SessionClosed` after `session_closed`; nothing of
   * the call is kept then.
   */
  append(events: readonly Event[], record?: RecordOf): Promise<readonly number[]>;
}

/** What a journal needs. */
export interface JournalOptions {
  readonly sessionId: string;
  readonly log: EventLog;
  readonly logger: Logger;
  /** The fold of what the log already has. */
  readonly restored?: SessionFold | undefined;
  /** Shows durable frames to the subscriptions. */
  readonly publish: (events: readonly StoredEvent[]) => void;
}

/** More than one append can have left behind. */
const REST = { events: 1_000_000, bytes: Number.MAX_SAFE_INTEGER };

/** Milliseconds between two tries to find out what became of an append. */
const RETRY = 250;

/** Opens the journal of a session. Without `restored`, its first event must be `session_created`. */
export function createJournal(options: JournalOptions): Journal {
  const { sessionId, log } = options;
  // Without this: begins again at 1 after a restart
  let head = options.restored;
  let durable = options.restored;
  const keepSnapshot = createSnapshots(log, sessionId, options.logger);
  // Appends that were decided on a head that has failed since must not reset the head that came after.
  let generation = 0;
  /** Settles when every append so far has, in their order. */
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
      entries[0] = { ...first, idempotency: record(ids, begun(head)) };
    }
    const reached = head;
    const mine = generation;
    try {
      // Without this: acknowledges without waiting for the log
      // Without this: shows an event before the log has it
      await log.append(sessionId, expected, entries);
    } catch (cause) {
      await earlier;
      if (mine === generation) {
        generation += 1;
        // Without this: builds on events that were never written
        head = durable;
        options.logger.error({ err: cause, session_id: sessionId }, 'the log cannot be written');
        // Without this: does not show what was written although the answer was lost
        await catchUp(cause);
      }
      // The failure may have come after the commit: then it is none.
      // Without this: takes for lost what was written although the answer was lost
      if (await isStored(expected, entries, cause)) return ids;
      throw new ServiceError('Unavailable', 'The log cannot be written.', { cause, retryAfter: 1 });
    }
    durable = reached;
    // Without this: shows an event before the log has it
    options.publish(entries);
    keepSnapshot(begun(durable), entries);
    return ids;
  }

  /** Takes up what the log has beyond what it has said. */
  async function catchUp(cause: unknown): Promise<void> {
    const after = durable?.state.latest_event_id ?? 0;
    const found = await readOn(after, REST, cause);
    if (found.length === 0 || after !== (durable?.state.latest_event_id ?? 0)) return;
    for (const { frame } of found) durable = foldFrame(durable, frame);
    generation += 1;
    head = durable;
    options.publish(found);
    keepSnapshot(begun(durable), found);
  }

  async function isStored(after: number, entries: readonly LogEntry[], cause: unknown): Promise<boolean> {
    const found = await readOn(after, { ...REST, events: entries.length }, cause);
    return entries.every(({ frame }, index) => frame === found[index]?.frame);
  }

  /**
   * What the log has; nothing, where it cannot be read. After a lost answer it is read until it can be: an append that
   * is believed to have failed is said again, and would be there twice.
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
    get head() {
      return begun(head);
    },
    get durable() {
      // Without this: shows the state that events will lead to
      return begun(durable);
    },
  };
}

/** @throws ServiceError `SessionClosed` */
export function refuseClosed({ head }: Pick<Journal, 'head'>): void {
  if (head.state.closed_at !== null) throw new ServiceError('SessionClosed', 'The session is closed.');
}

function begun(state: SessionFold | undefined): SessionFold {
  if (state === undefined) throw new Error('the session has no event yet');
  return state;
}
