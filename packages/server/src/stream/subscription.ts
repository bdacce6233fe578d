import type { Feed } from './feed.js';
import type { Page } from './page.js';

/** The options of a subscription. */
export interface SubscriptionOptions {
  readonly feed: Feed;
  /** The cursor: the first event sent is `after + 1`. */
  readonly after: number;
  /** Sends events. False if no more may be sent until `resume` is called. */
  send(page: Page): boolean;
  /** Called when everything was sent and nothing will follow, or when the session is deleted. It is the last call. */
  ended(reason: 'ended' | 'purged'): void;
  /** Called when the log could not be read, or no longer has the events. It is the last call. */
  failed(error: unknown): void;
}

/** The position of one reader in the events of a session. */
export interface Subscription {
  /** The last id that was sent. */
  readonly position: number;
  /** Continues after `send` has returned false. */
  resume(): void;
  close(): void;
}

/**
 * Sends every event after a cursor, in order, each once (promise 3). It begins at once: `send` may be called before this
 * returns. Replay and live events use one loop: while the position is behind the feed's `latest`, the next page is taken from
 * memory or else from the log. No events are queued for a slow reader (promise 5): its position does not move until it can
 * take more.
 *
 * @throws RangeError if the cursor is ahead of the feed.
 */
export function createSubscription(options: SubscriptionOptions): Subscription {
  const { feed, send, ended, failed } = options;
  let position = options.after;
  let busy: 'no' | 'reading' | 'full' = 'no';
  let closed = false;
  if (position > feed.latest) throw new RangeError(`expected a cursor up to ${feed.latest}, got ${position}`);

  const close = () => {
    closed = true;
    unwatch();
  };

  const fail = (error: unknown) => {
    close();
    failed(error);
  };

  const deliver = (page: Page) => {
    const first = page[0]?.id;
    // Without this: sends a page that does not follow
    if (first !== position + 1) return fail(new RangeError(`expected event ${position + 1} to follow, got ${first}`));
    position += page.length;
    // Without this: sends on to a reader that is full
    busy = send(page) ? 'no' : 'full';
  };

  const read = async () => {
    try {
      // Without this: skips the event behind the cursor
      const page = await feed.read(position);
      if (closed) return;
      deliver(page);
      // Without this: stops between replay and live
      advance();
    } catch (error) {
      if (!closed) fail(error);
    }
  };

  const advance = () => {
    while (!closed && busy === 'no' && feed.state !== 'purged' && position < feed.latest) {
      const page = feed.recent(position);
      if (page) {
        deliver(page);
      } else {
        busy = 'reading';
        void read();
      }
    }
    if (closed || feed.state === 'open') return;
    // Without this: closes before everything was sent
    if (feed.state === 'ended' && (busy !== 'no' || position < feed.latest)) return;
    close();
    ended(feed.state);
  };

  const unwatch = feed.watch(advance);
  advance();

  return {
    get position() {
      return position;
    },
    resume() {
      if (busy !== 'full') return;
      busy = 'no';
      advance();
    },
    close,
  };
}
