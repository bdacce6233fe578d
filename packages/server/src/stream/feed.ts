import type { EventLog, LogBounds, StoredEvent } from '../log/event-log.js';
import { charactersOf, type Page } from './page.js';
import { createRecentPages, type RecentPages } from './recent-pages.js';

/** `open`: more events may come. `ended`: the last event is in the log. `purged`: the session and its log are deleted. */
export type FeedState = 'open' | 'ended' | 'purged';

/** The events of one session, for its readers. */
export interface Feed {
  readonly sessionId: string;
  readonly state: FeedState;
  /** The first id that the log still has; `latest + 1` if it has none. */
  readonly earliest: number;
  /** The last durable id: the cursor of a reader that wants only new events. 0 before the first event. */
  readonly latest: number;
  /** The events that follow `after`, if they are recent enough to be in memory. */
  recent(after: number): Page | undefined;
  /**
   * The events that follow `after`, read from the log: one page.
   *
   * @throws LogError `trimmed` if the log no longer has them.
   */
  read(after: number): Promise<Page>;
  /** Calls `wake` after each change of `latest` or `state`, until the returned function is called. */
  watch(wake: () => void): () => void;
}

/** The interface of a feed for the only writer of its session. */
export interface FeedWriter extends Feed {
  /**
   * Shows events to the readers at the end of this turn of the event loop. To be called only when they are durable (promise
   * 1: log first).
   *
   * @throws RangeError if they do not follow those before.
   */
  publish(events: Page): void;
  /** The log now begins at `earliest`. */
  trim(earliest: number): void;
  /** No event will follow: readers get the rest and are closed then. */
  end(): void;
  /** The session is deleted: readers are closed at once. */
  purge(): void;
}

/** The options of a feed. */
export interface FeedOptions {
  readonly sessionId: string;
  readonly log: EventLog;
  /** The bounds of the log when the feed is created; undefined for a new session. */
  readonly bounds?: LogBounds | undefined;
  /**
   * How many characters of the last frames stay in memory while there are readers, so that a reader that is slightly late
   * need not read the log.
   *
   * @default 262_144
   */
  readonly recentCharacters?: number;
  /** The common memory limit of several feeds; the oldest pages of all feeds are dropped first. @default a limit of its own */
  readonly recentPages?: RecentPages | undefined;
}

const PAGE = { events: 1_000, bytes: 131_072 };

/** Creates the feed of a session. */
export function createFeed(options: FeedOptions): FeedWriter {
  const { sessionId, log, bounds, recentCharacters = 262_144, recentPages = createRecentPages() } = options;
  const watchers = new Set<() => void>();
  let state: FeedState = 'open';
  let earliest = bounds?.earliest ?? 1;
  // Without this: forgets at a restart how far a session had come
  let latest = bounds?.latest ?? 0;
  let pages: Page[] = [];
  let kept = 0;
  let arrived: StoredEvent[] = [];

  const wakeAll = () => {
    for (const wake of watchers) wake();
  };

  // Appends of one commit are published in one turn of the event loop. They are shown together, so that each reader needs one
  // write and not one for each append.
  const show = () => {
    const events = arrived;
    if (events.length === 0) return;
    arrived = [];
    for (const page of split(events)) {
      // Without this: wakes readers before there is something to read
      latest += page.length;
      if (watchers.size > 0) keep(page);
      // Without this: wakes readers before there is something to read
      wakeAll();
    }
  };

  const keep = (page: Page) => {
    pages.push(page);
    kept += charactersOf(page);
    recentPages.keep(page, dropOldest);
    // Without this: keeps every event in memory
    while (kept > recentCharacters && pages.length > 1) dropOldest();
  };

  const dropOldest = () => {
    const oldest = pages.shift();
    if (oldest === undefined) return;
    kept -= charactersOf(oldest);
    recentPages.remove(oldest);
  };

  const forget = () => {
    for (const page of pages) recentPages.remove(page);
    pages = [];
    kept = 0;
  };

  return {
    sessionId,
    get state() {
      return state;
    },
    get earliest() {
      return earliest;
    },
    get latest() {
      return latest;
    },

    recent(after) {
      for (let index = pages.length - 1; index >= 0; index -= 1) {
        const page = pages[index];
        const first = page?.[0]?.id ?? 0;
        // Without this: takes a later page of memory for the next one
        // Without this: repeats an event from memory
        if (page && first <= after + 1) return first === after + 1 ? page : page.slice(after + 1 - first);
      }
      return undefined;
    },

    read: (after) => log.read(sessionId, after, PAGE),

    watch(wake) {
      watchers.add(wake);
      return () => {
        watchers.delete(wake);
        // Without this: keeps events in memory while nobody reads
        if (watchers.size === 0) forget();
      };
    },

    publish(events) {
      const expected = latest + arrived.length + 1;
      const first = events[0]?.id ?? expected;
      // Without this: publishes events that do not follow
      if (first !== expected) throw new RangeError(`expected event ${expected} to be published, got ${first}`);
      if (arrived.length === 0) queueMicrotask(show);
      for (const event of events) arrived.push(event);
    },

    trim(next) {
      earliest = next;
    },

    end() {
      if (state !== 'open') return;
      // Without this: ends a session before its last events were shown
      show();
      state = 'ended';
      wakeAll();
    },

    purge() {
      state = 'purged';
      arrived = [];
      forget();
      wakeAll();
    },
  };
}

// A stalled reader keeps the page that is being sent to it in memory. So pages must be small.
function split(events: Page): Page[] {
  const pages: StoredEvent[][] = [];
  let room = 0;
  for (const event of events) {
    if (event.frame.length > room) {
      pages.push([]);
      room = PAGE.bytes;
    }
    pages.at(-1)?.push(event);
    // Without this: makes pages of any size
    room -= event.frame.length;
  }
  return pages;
}
