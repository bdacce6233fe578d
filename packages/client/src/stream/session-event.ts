import { type Event, type EventFrame, eventTypes } from '@parleyhq/contract';
import { checkServerFrame } from '../checks.js';
import type { Problem } from '../errors.js';

/** What every event of a stream has beside its own fields. */
export interface EventPosition {
  /** Per session, from 1, rising by 1: the cursor to continue from. */
  readonly id: number;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
}

/**
 * An event that this release cannot read: of a type that it does not know, or of a known one that does not fit the
 * contract. It is nothing to fail for: the stream goes on behind it (promise 8).
 */
export interface UnknownEvent extends EventPosition {
  readonly type: 'unknown';
  readonly reason: 'unknown_type' | 'invalid';
  /** The event as it came. */
  readonly raw: unknown;
  /** Why it is `invalid`. */
  readonly problems: readonly Problem[];
}

/** An event of the contract with its place in the log. */
export type KnownEvent = Event & EventPosition;

/** What a loop over a session's events gets: narrow it by `type`. */
export type SessionEvent = KnownEvent | UnknownEvent;

const knownTypes: ReadonlySet<unknown> = new Set(eventTypes);

/**
 * The event of an `event` frame, as the socket and the log have it, or undefined where the frame has no usable id: then
 * there is no place in the log to go on from.
 */
export function toSessionEvent(frame: unknown): SessionEvent | undefined {
  if (!isEventFrame(frame)) return undefined;
  const { id, timestamp, payload } = frame;
  const problems = checkServerFrame(frame);
  if (problems.length > 0) return unknown('invalid', problems);
  if (!knownTypes.has(payload.type)) return unknown('unknown_type', []);
  // In place: a copy of each event would cost more than its validation.
  return Object.assign(payload, { id, timestamp });

  function unknown(reason: UnknownEvent['reason'], problems: readonly Problem[]): UnknownEvent {
    return { type: 'unknown', id, timestamp, reason, raw: payload, problems };
  }
}

function isEventFrame(frame: unknown): frame is EventFrame {
  if (typeof frame !== 'object' || frame === null || !('type' in frame) || frame.type !== 'event') return false;
  return 'id' in frame && Number.isSafeInteger(frame.id) && Number(frame.id) >= 1;
}
