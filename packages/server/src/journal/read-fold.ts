import type { EventFrame } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { EventLog } from '../log/event-log.js';
import { fold, foldDelta, type SessionFold } from './fold.js';
import { decodeFold } from './fold-base.js';
import { createSnapshots, readSnapshot, type Snapshots } from './snapshots.js';

const PAGE = { events: 10_000, bytes: 4_194_304 };

/** Matches the events that most of a log consists of. They change only the position. */
const DELTA =
  /^\{"type":"event","id":(\d+),"timestamp":(\d+),"payload":\{"type":"item_(?:delta|started|updated|completed)"/;

/**
 * Reads a session's log and folds it, up to the event before `end` if that is given. Undefined for a session whose creation
 * never reached the log.
 */
export async function readFold(log: EventLog, sessionId: string, end?: number): Promise<SessionFold | undefined> {
  const base = await log.base(sessionId);
  return readOn(log, sessionId, base === undefined ? undefined : decodeFold(base), { end });
}

/**
 * The same fold as `readFold` gives, but read from the latest snapshot on, so that a server with long logs starts quickly. A
 * snapshot that does not fit the log is ignored.
 */
export async function restoreFold(log: EventLog, sessionId: string, logger: Logger): Promise<SessionFold | undefined> {
  const snapshot = await readSnapshot(log, sessionId);
  const passed = createSnapshots(log, sessionId, logger);
  if (snapshot !== undefined) return readOn(log, sessionId, snapshot, { passed });
  const base = await log.base(sessionId);
  return readOn(log, sessionId, base === undefined ? undefined : decodeFold(base), { passed });
}

async function readOn(
  log: EventLog,
  sessionId: string,
  from: SessionFold | undefined,
  { end = Number.POSITIVE_INFINITY, passed }: { end?: number | undefined; passed?: Snapshots },
): Promise<SessionFold | undefined> {
  let state = from;
  for (let after = state?.state.latest_event_id ?? 0; ; ) {
    const page = await log.read(sessionId, after, PAGE);
    for (const { id, frame } of page) {
      if (id >= end) return state;
      state = foldFrame(state, frame);
    }
    const last = page.at(-1);
    if (last === undefined || state === undefined) return state;
    passed?.(state, page);
    after = last.id;
  }
}

/** The state after an event, given as its stored frame. */
export function foldFrame(state: SessionFold | undefined, frame: string): SessionFold {
  const delta = DELTA.exec(frame);
  if (delta !== null && state !== undefined) return foldDelta(state, Number(delta[1]), Number(delta[2]));
  const { id, timestamp, payload } = JSON.parse(frame) as EventFrame;
  return fold(state, id, timestamp, payload);
}
