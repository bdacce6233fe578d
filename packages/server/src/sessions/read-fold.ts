import type { EventFrame } from '@parleyhq/contract';
import type { EventLog } from '../log/event-log.js';
import { fold, foldDelta, type SessionFold } from './fold.js';

const PAGE = { events: 10_000, bytes: 4_194_304 };

/** What most of a log consists of, and what changes nothing but the position. */
const DELTA =
  /^\{"type":"event","id":(\d+),"timestamp":(\d+),"payload":\{"type":"item_(?:delta|started|updated|completed)"/;

/** Reads a session's log and folds it. Undefined for one whose creation never reached the log. */
export async function readFold(log: EventLog, sessionId: string): Promise<SessionFold | undefined> {
  let state: SessionFold | undefined;
  for (let after = 0; ; ) {
    const page = await log.read(sessionId, after, PAGE);
    for (const { frame } of page) state = foldFrame(state, frame);
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
