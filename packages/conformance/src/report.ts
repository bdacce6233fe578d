import type { Outcome } from './run/outcome.js';
import type { Verdict } from './verdict.js';
import type { Covered } from './world/coverage.js';

/** Something that the documents do not describe and that a tolerant reader ignores, for example an unknown property. */
export interface Note {
  /** The place of the contract that says what is expected, for example `openapi.yaml:120`. */
  readonly line: string;
  /** The operation and status, or the frame. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * Everything that a run has found. It contains no secrets. What the tested side said is made visible: no character of it
 * does anything to a terminal or to the log of a CI system.
 */
export interface Report {
  /** What was tested. */
  readonly kind: 'server' | 'client';
  /** The server's address, or the client's command. */
  readonly url: string;
  /** The version of the contract. */
  readonly contract: string;
  readonly seed: number;
  /** When the run began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds that it took. */
  readonly duration: number;
  /** Whether only some suites or rules were asked for. Such a run does not show that a level is reached. */
  readonly partial: boolean;
  readonly verdict: Verdict;
  readonly outcomes: readonly Outcome[];
  readonly notes: readonly Note[];
  readonly coverage: readonly Covered[];
}
