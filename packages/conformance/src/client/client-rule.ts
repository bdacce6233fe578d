import type { Source } from '../documents/locate.js';
import type { Random } from '../world/random.js';
import type { LoggedEvent } from './logged-event.js';
import type { Plan } from './plan.js';

/** One thing that a client has to do, and the server that shows whether it does. */
export interface ClientRule {
  /** Such as `client/gap`. Stable, for people and for lists of exceptions. */
  readonly id: `client/${string}`;
  /** What holds, as a sentence. */
  readonly title: string;
  /** Where the contract says so. */
  readonly source: Source;
  /** What the server does and what the client has to print; the same for the same chance. */
  script(random: Random): Script;
}

/** One scenario. */
export interface Script {
  /** The session's log. */
  readonly log: readonly LoggedEvent[];
  /** The cursor that the client starts behind. @default 0 */
  readonly after?: number;
  /** What becomes of the first handshake, the second, and so on. */
  readonly handshakes: readonly Plan[];
  /** What becomes of every later one. Default: everything is sent, and the session is closed. */
  readonly later?: Plan;
  /** Whether the client may have another credential once its first one has ended. */
  readonly renews?: boolean;
  readonly expect: Expectation;
}

/** Why a client may have ended. */
export const ENDS = ['session_closed', 'purged', 'credentials_ended', 'cursor_invalid', 'refused', 'gave_up'] as const;

/** Why a client has ended. */
export type End = (typeof ENDS)[number];

/** What a client has to have done. */
export interface Expectation {
  /** How many events of the log behind `after` it has to pass on. Default: all of them. */
  readonly events?: number;
  /** @default 'session_closed' */
  readonly end?: End;
  /** The error code that it has to name with its end. */
  readonly code?: string;
  /**
   * How often it has to connect, or may where it is refused in the end. Default: once more than `handshakes` has, which is
   * to say until it is served.
   */
  readonly handshakes?: number;
  /** The cursor of each handshake. Default: anything between the one before and the last event that was sent whole. */
  readonly since?: readonly number[];
  /** Milliseconds that it has to wait, all attempts together. */
  readonly waits?: number;
  /** Whether each handshake is looked at for a token in its address. */
  readonly hidesToken?: boolean;
  /** Whether it has to tell that it is not connected, between two connections. */
  readonly tells?: boolean;
}
