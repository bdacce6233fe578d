import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { type EventLog, LogError, type StoredEvent } from '../log/event-log.js';
import type { SessionFold } from './fold.js';
import { decodeFold, encodeFold } from './fold-base.js';

/** Must be increased when the same events lead to a different fold. Then snapshots of older versions are ignored. */
export const FOLD_VERSION = 3;

/** A snapshot is written only after at least this many characters of frames. */
const MIN_CHARACTERS = 65_536;

/** To be called with durable events and the fold after them. */
export type Snapshots = (reached: SessionFold, events: readonly StoredEvent[]) => void;

/**
 * Stores snapshots of a session's fold in the log. A new one is written when the events since the last one are as long as the
 * fold: so a start has few events to read, and snapshots never cost more than the events themselves.
 */
export function createSnapshots(log: EventLog, sessionId: string, logger: Logger): Snapshots {
  let behind = 0;
  let due = MIN_CHARACTERS;
  return (reached, events) => {
    for (const { frame } of events) behind += frame.length;
    const last = events.at(-1);
    if (last === undefined || behind < due) return;
    const fold = encodeFold(reached);
    behind = 0;
    due = Math.max(MIN_CHARACTERS, fold.length);
    // Not awaited: if it fails, the next start only reads more events.
    log.saveSnapshot(sessionId, { id: last.id, text: `${sealOf(last.frame, fold)}${fold}` }).catch((err: unknown) => {
      logger.warn({ err, session_id: sessionId }, 'the snapshot could not be stored');
    });
  };
}

/** The snapshot of a session, if it is complete, of this version, and made from the events in the log. */
export async function readSnapshot(log: EventLog, sessionId: string): Promise<SessionFold | undefined> {
  const snapshot = await log.snapshot(sessionId);
  if (snapshot === undefined) return undefined;
  const [last] = await log.read(sessionId, snapshot.id - 1, { events: 1, bytes: 1 }).catch((error: unknown) => {
    if (error instanceof LogError && error.reason === 'trimmed') return [];
    throw error;
  });
  const seal = sealOf(last?.frame ?? '', snapshot.text.slice(SEAL_LENGTH));
  // Without this: believes a snapshot rather than the log
  if (last?.id !== snapshot.id || !snapshot.text.startsWith(seal)) return undefined;
  return decodeFold(snapshot.text.slice(SEAL_LENGTH));
}

const SEAL_LENGTH = 64;

/** A hash over the version, the last event and the fold. */
function sealOf(frame: string, fold: string): string {
  return createHash('sha256')
    .update(JSON.stringify([FOLD_VERSION, frame, fold]))
    .digest('hex');
}
