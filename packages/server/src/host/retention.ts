import type { Logger } from 'pino';
import { encodeFold } from '../journal/fold-base.js';
import { readFold } from '../journal/read-fold.js';
import type { EventLog } from '../log/event-log.js';
import type { SessionActor } from '../sessions/session.js';
import type { FeedWriter } from '../stream/feed.js';

/** How much of each session's log is kept; everything, if both are absent. */
export interface Retention {
  /** The age of events, in milliseconds. */
  readonly maxAge?: number | undefined;
  /** Characters of frames in one session. */
  readonly maxSize?: number | undefined;
}

/**
 * Removes events that are too old or too many. A cursor before the remaining ones gets CursorExpired. The state of the session
 * stays the same, because the fold of the removed events is stored in their place. If that fails for one session, it is logged
 * and the others go on; the next run tries again.
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
      logger.error({ err, session_id: feed.sessionId }, 'events past their retention could not be removed');
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
