import { type Event, type EventFrame, eventTypes, type Problem } from '@parleyhq/contract';

/** The fields that every event of a stream has in addition to its own. */
export interface EventPosition {
  /** The number of the event in its session, from 1 without gaps. It is the cursor to continue from. */
  readonly id: number;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
}

/**
 * An event that this release cannot read: its type is unknown, or it does not fit the contract. It is not an error: the
 * stream goes on with the next event (promise 8).
 */
export interface UnknownEvent extends EventPosition {
  readonly type: 'unknown';
  readonly reason: 'unknown_type' | 'invalid';
  /** The event as it was received. */
  readonly raw: unknown;
  /** Why it is `invalid`. */
  readonly problems: readonly Problem[];
}

/** An event of the contract with its id and time. */
export type KnownEvent = Event & EventPosition;

/** An event in a loop over a session's events. Narrow it by `type`. */
export type SessionEvent = KnownEvent | UnknownEvent;

const knownTypes: ReadonlySet<unknown> = new Set(eventTypes);

/** The event of an `event` frame, as the socket and the log have it. */
export function toSessionEvent({ id, timestamp, payload }: EventFrame): SessionEvent {
  if (!knownTypes.has(payload.type)) {
    // Without this: fails for an event of an unknown type
    return { type: 'unknown', id, timestamp, reason: 'unknown_type', raw: payload, problems: [] };
  }
  // The payload itself is changed, since a copy of each event would cost more than its validation.
  return Object.assign(payload, { id, timestamp });
}

/**
 * The event of a frame that does not fit the contract, if it has a usable id. Without one it has no place in the log to
 * continue from.
 */
export function toInvalidEvent(raw: unknown, problems: readonly Problem[]): UnknownEvent | undefined {
  const { type, id, timestamp, payload }: Partial<Record<string, unknown>> = Object(raw);
  if (type !== 'event' || typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) return undefined;
  const time = typeof timestamp === 'number' ? timestamp : Date.now();
  return { type: 'unknown', id, timestamp: time, reason: 'invalid', raw: payload, problems };
}
