import type { LoggedEvent } from './logged-event.js';

/** The time of the first event of every log, in milliseconds since the epoch. */
const FIRST_TIMESTAMP = 1_642_694_400_000;

/** An `event` frame of the scripted log. */
export interface EventFrame {
  readonly type: 'event';
  readonly id: number;
  readonly timestamp: number;
  readonly payload: LoggedEvent['payload'];
}

/** The frames of a log. */
export function toFrames(log: readonly LoggedEvent[]): EventFrame[] {
  return log.map(({ payload }, index) => ({
    type: 'event',
    id: index + 1,
    timestamp: FIRST_TIMESTAMP + index * 1000,
    payload,
  }));
}
