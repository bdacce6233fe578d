import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { type EventLog, LogError, type StoredEvent } from '../log/event-log.js';
import type { SessionFold } from './fold.js';
import { decodeFold, encodeFold } from './fold-base.js';

/** Raised whenever the same events lead to another fold: snapshots of the version before are worth nothing then. */
export const FOLD_VERSION = 1;

/** Characters of frames that are read again rather than kept in a snapshot. */
const LEAST = 65_536;

/** Is told of durable events, and of the fold that they lead to. */
export type Snapshots = (reached: SessionFold, events: readonly StoredEvent[]) => void;

/**
 * Keeps a snapshot of a session's fold in the log, a new one whenever the events since are as long as it is: few are
 * left to read at a start, and the snapshots never cost more than the events themselves.
 */
export function createSnapshots(log: EventLog, sessionId: string, logger: Logger): Snapshots {
  let behind = 0;
  let due = LEAST;
  return (reached, events) => {
    for (const { frame } of events) behind += frame.length;
    const last = events.at(-1);
    if (last === undefined || behind < due) return;
    const fold = encodeFold(reached);
    behind = 0;
    due = Math.max(LEAST, fold.length);
    // Nobody waits for it: without it, the next start reads more.
    log.saveSnapshot(sessionId, { id: last.id, text: `${sealOf(last.frame, fold)}${fold}` }).catch((err: unknown) => {
      logger.warn({ err, session_id: sessionId }, 'the snapshot could not be kept');
    });
  };
}

/** The snapshot of a session, if it is whole, of this version, and of the log as it is. */
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

/** Ties a fold to its version and to the event that it ends with. */
function sealOf(frame: string, fold: string): string {
  return createHash('sha256')
    .update(JSON.stringify([FOLD_VERSION, frame, fold]))
    .digest('hex');
}
