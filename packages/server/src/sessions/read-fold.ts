import type { EventFrame } from '@parleyhq/contract';
import type { EventLog } from '../log/event-log.js';
import { fold, foldDelta, type SessionFold } from './fold.js';
import { decodeFold } from './fold-base.js';

const PAGE = { events: 10_000, bytes: 4_194_304 };

/** What most of a log consists of, and what changes nothing but the position. */
const DELTA =
  /^\{"type":"event","id":(\d+),"timestamp":(\d+),"payload":\{"type":"item_(?:delta|started|updated|completed)"/;

/**
 * Reads a session's log and folds it, up to the event before `end` where that is given. Undefined for a session whose
 * creation never reached the log.
 */
export async function readFold(
  log: EventLog,
  sessionId: string,
  end = Number.POSITIVE_INFINITY,
): Promise<SessionFold | undefined> {
  const base = await log.base(sessionId);
  let state = base === undefined ? undefined : decodeFold(base);
  for (let after = state?.state.latest_event_id ?? 0; ; ) {
    const page = await log.read(sessionId, after, PAGE);
    for (const { id, frame } of page) {
      if (id >= end) return state;
      state = foldFrame(state, frame);
    }
    const last = page.at(-1);
    if (last === undefined) return state;
    after = last.id;
  }
}

/** Moves a fold on by an event as the log has it. */
export function foldFrame(state: SessionFold | undefined, frame: string): SessionFold {
  const delta = DELTA.exec(frame);
  if (delta !== null && state !== undefined) return foldDelta(state, Number(delta[1]), Number(delta[2]));
  const { id, timestamp, payload } = JSON.parse(frame) as EventFrame;
  return fold(state, id, timestamp, payload);
}
