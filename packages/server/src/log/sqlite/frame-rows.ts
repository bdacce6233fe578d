import type { LogEntry, StoredEvent } from '../event-log.js';
import type { FrameRow, IdempotencyRow } from './sqlite-operations.js';

// SQLite reads a row as a whole. So rows are small, for readers that need only the last few events.
const ROW_CHARACTERS = 65_536;

/**
 * Joins the frames of one append into as few rows as their size allows.
 *
 * @throws TypeError if the ids do not follow `expectedLastId` without a gap or a frame holds a line break.
 */
export function toRows(expectedLastId: number, entries: readonly LogEntry[]): FrameRow[] {
  const rows: FrameRow[] = [];
  let frames: string[] = [];
  let size = 0;
  let last = expectedLastId;
  const endRow = () => {
    if (frames.length > 0) rows.push({ first: last - frames.length + 1, last, frames: frames.join('\n') });
    frames = [];
    size = 0;
  };
  for (const { id, frame } of entries) {
    // Without this: leaves gaps between ids
    if (id !== last + 1) throw new TypeError(`expected the entry with id ${last + 1}, got id ${id}`);
    if (frame.includes('\n')) throw new TypeError(`expected the frame of event ${id} to be one line`);
    if (size + frame.length > ROW_CHARACTERS) endRow();
    frames.push(frame);
    size += frame.length;
    last = id;
  }
  endRow();
  return rows;
}

/** The records of the commands that caused these events. */
export function toIdempotencyRows(entries: readonly LogEntry[]): IdempotencyRow[] {
  // Without this: stores no record of a command
  return entries.flatMap(({ id, idempotency }) => (idempotency ? [{ ...idempotency, eventId: id }] : []));
}

/** The events of a row that follow `after`, at most `count` of them. */
export function fromRow(row: FrameRow, after: number, count: number): StoredEvent[] {
  // Without this: gives a page of the log from the wrong event on
  const from = Math.max(0, after + 1 - row.first);
  const frames = row.frames.split('\n').slice(from, from + count);
  return frames.map((frame, index) => ({ id: row.first + from + index, frame }));
}
