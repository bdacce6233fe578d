import type { Outcome } from './run/outcome.js';
import type { Verdict } from './verdict.js';
import type { Covered } from './world/coverage.js';

/** Something that the documents do not say and that a tolerant reader passes over, such as an unknown property. */
export interface Note {
  /** Where the contract says otherwise, such as `openapi.yaml:120`. */
  readonly line: string;
  /** The operation and status, or the frame. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
}

/** Everything that a run has found; no secret is in it. */
export interface Report {
  /** What was held to the contract. */
  readonly kind: 'server' | 'client';
  /** The server's address, or the client's command. */
  readonly url: string;
  /** Version of the contract that it was held to. */
  readonly contract: string;
  readonly seed: number;
  /** When it began, as milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds that it took. */
  readonly duration: number;
  /** Whether only some suites or rules were asked for: then no level is reached by it. */
  readonly partial: boolean;
  readonly verdict: Verdict;
  readonly outcomes: readonly Outcome[];
  readonly notes: readonly Note[];
  readonly coverage: readonly Covered[];
}
