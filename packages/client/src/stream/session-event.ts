import { type Event, type EventFrame, eventTypes, type Problem } from '@parleyhq/contract';

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

/** The event of an `event` frame, as the socket and the log have it. */
export function toSessionEvent({ id, timestamp, payload }: EventFrame): SessionEvent {
  if (!knownTypes.has(payload.type)) {
    // Without this: fails for an event of an unknown type
    return { type: 'unknown', id, timestamp, reason: 'unknown_type', raw: payload, problems: [] };
  }
  // In place: a copy of each event would cost more than its validation.
  return Object.assign(payload, { id, timestamp });
}

/**
 * The event of a frame that fits no contract, as long as it has a usable id: without one there is no place in the log to
 * go on from.
 */
export function toInvalidEvent(raw: unknown, problems: readonly Problem[]): UnknownEvent | undefined {
  const { type, id, timestamp, payload }: Partial<Record<string, unknown>> = Object(raw);
  if (type !== 'event' || typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) return undefined;
  const time = typeof timestamp === 'number' ? timestamp : Date.now();
  return { type: 'unknown', id, timestamp: time, reason: 'invalid', raw: payload, problems };
}
