import type { Source } from '../documents/locate.js';
import type { Random } from '../world/random.js';
import type { LoggedEvent } from './logged-event.js';
import type { Plan } from './plan.js';

/** One thing that a client has to do, and the server behaviour that shows whether it does it. */
export interface ClientRule {
  /** For example `client/gap`. Stable: people and lists of exceptions refer to it. */
  readonly id: `client/${string}`;
  /** The rule, as a sentence. */
  readonly title: string;
  /** Where the contract says so. */
  readonly source: Source;
  /** What the server does and what the client has to print. The same random numbers give the same script. */
  script(random: Random): Script;
}

/** One scenario. */
export interface Script {
  /** The session's log. */
  readonly log: readonly LoggedEvent[];
  /** The cursor after which the client starts. @default 0 */
  readonly after?: number;
  /** What the server does with the first handshake, the second, and so on. */
  readonly handshakes: readonly Plan[];
  /** What it does with every later handshake. Default: it sends everything, and the session is closed. */
  readonly later?: Plan;
  /** Whether the client gets a new credential when its first one has ended. */
  readonly renews?: boolean;
  readonly expect: Expectation;
}

/** The reasons for which a client may end. */
export const ENDS = ['session_closed', 'purged', 'credentials_ended', 'cursor_invalid', 'refused', 'gave_up'] as const;

/** Why a client has ended. */
export type End = (typeof ENDS)[number];

/** What the client must have done. */
export interface Expectation {
  /** How many events after `after` it has to pass on. Default: all of them. */
  readonly events?: number;
  /** @default 'session_closed' */
  readonly end?: End;
  /** The error code that it has to print with its end. */
  readonly code?: string;
  /**
   * How many handshakes it has to make. If it is refused in the end, the most that it may make. Default: one more than
   * the script's `handshakes`, since the next one is served.
   */
  readonly handshakes?: number;
  /** The cursor of each handshake. Default: any from the one before to the last event that was sent whole. */
  readonly since?: readonly number[];
  /** The least milliseconds that it has to wait before its attempts, in all. */
  readonly minWait?: number;
  /** Whether no handshake may have a token in its address. */
  readonly hidesToken?: boolean;
  /** Whether it has to report, between two connections, that it is not connected. */
  readonly reportsStates?: boolean;
}
