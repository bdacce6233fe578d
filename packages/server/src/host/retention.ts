import type { Logger } from 'pino';
import { encodeFold } from '../journal/fold-base.js';
import { readFold } from '../journal/read-fold.js';
import type { EventLog } from '../log/event-log.js';
import type { SessionActor } from '../sessions/session.js';
import type { FeedWriter } from '../stream/feed.js';

/** How much of each session's log is kept; without bounds, everything. */
export interface Retention {
  /** Milliseconds since an event. */
  readonly maxAge?: number | undefined;
  /** Characters of frames in one session. */
  readonly maxSize?: number | undefined;
}

/**
 * Forgets the events that need not be kept. A cursor before what is left gets CursorExpired; the session itself stays
 * as it is, because what the forgotten events led to takes their place. A session where that fails is left for the next
 * time, and keeps nobody else's.
 */
export async function retain(
  log: EventLog,
  sessions: readonly SessionActor[],
  { maxAge, maxSize }: Retention,
  logger: Logger,
): Promise<void> {
  const since = maxAge === undefined ? undefined : Date.now() - maxAge;
  for (const { feed } of sessions) {
    try {
      await forget(feed);
    } catch (err) {
      logger.error({ err, session_id: feed.sessionId }, 'what need not be kept could not be forgotten');
    }
  }

  async function forget(feed: FeedWriter): Promise<void> {
    const { sessionId } = feed;
    const before = await log.cut(sessionId, { characters: maxSize, since });
    if (before <= feed.earliest || feed.state === 'purged') return;
    const base = await readFold(log, sessionId, before);
    if (base === undefined) return;
    await log.trim(sessionId, before, encodeFold(base));
    feed.trim(before);
    logger.info({ session_id: sessionId, earliest_event_id: before }, 'events are no longer kept');
  }
}
