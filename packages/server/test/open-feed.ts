import { EventEmitter, once as onceEvent } from 'node:events';
import { createFeed, type FeedWriter } from '../src/stream/feed.js';
import type { Page } from '../src/stream/page.js';
import type { RecentPages } from '../src/stream/recent-pages.js';
import { createSubscription, type Subscription } from '../src/stream/subscription.js';
import { openLog } from './open-log.js';

/** A reader that keeps everything it gets. */
export interface Reader {
  readonly subscription: Subscription;
  readonly frames: string[];
  readonly ended: Promise<string>;
  readonly failed: Promise<unknown>;
  /** Resolves when this id was sent; rejects when the subscription has failed. */
  reached(id: number): Promise<void>;
}

/** The feed of the session `s`, with a log of its own, for one test. */
export async function openFeed() {
  const { log } = await openLog();
  const feed = createFeed({ sessionId: 's', log, recentCharacters: 2_000 });
  let written = 0;
  return {
    log,
    feed,
    /** The last id that was given to the log. */
    get written() {
      return written;
    },

    /** Appends as a session does: the log first, then the readers. */
    async append(count: number, text = 'x'): Promise<void> {
      const before = written;
      written += count;
      const entries = Array.from({ length: count }, (_, index) => ({
        id: before + 1 + index,
        frame: `${before + 1 + index} ${text}`,
      }));
      await log.append('s', before, entries);
      feed.publish(entries);
    },

    /** One more feed, of a session of its own, which shares what is kept. */
    beside: (recentPages: RecentPages) => createFeed({ sessionId: 'beside', log, recentPages }),

    attach: (after?: number, send?: (page: Page) => boolean) => attachTo(feed, after, send),
  };
}

/** What `openFeed` opens. */
export type OpenedFeed = Awaited<ReturnType<typeof openFeed>>;

/** Attaches a reader; it takes everything where `send` is left out. */
export function attachTo(
  feed: FeedWriter,
  after: number = feed.latest,
  send: (page: Page) => boolean = () => true,
): Reader {
  const frames: string[] = [];
  const happened = new EventEmitter();
  let last = after;
  let failure: unknown;
  const once = async (event: string) => (await onceEvent(happened, event))[0];
  const ended = once('ended');
  const failed = once('failed');
  const subscription = createSubscription({
    feed,
    after,
    send(page) {
      frames.push(...page.map((event) => event.frame));
      last = page.at(-1)!.id;
      happened.emit('sent');
      return send(page);
    },
    ended: (reason) => happened.emit('ended', reason),
    failed(error) {
      failure = error;
      happened.emit('failed', error);
      happened.emit('sent');
    },
  });
  const reached = async (id: number) => {
    while (last < id && failure === undefined) await onceEvent(happened, 'sent');
    if (last < id) throw failure;
  };
  return { subscription, frames, ended, failed, reached };
}

/** The frames that `append` makes of these ids. */
export function framesFrom(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index} x`);
}
