import type { RuleFacts } from '../rule.js';

/** How a rule was broken, ready to be shown: no secret is in it. */
export interface Failure {
  /** Where the contract says otherwise, such as `openapi.yaml:120`. */
  readonly line: string;
  readonly expected: string;
  readonly got: string;
  /** What was sent: a request, or frames. */
  readonly sent?: string;
  /** What was received. */
  readonly received?: string;
  /** A line for a shell that shows it again. */
  readonly repeat?: string;
}

/** What became of a rule. */
export interface Outcome {
  readonly rule: RuleFacts;
  readonly status: 'passed' | 'failed' | 'not_exercised';
  /** With `failed`. */
  readonly failures: readonly Failure[];
  /** With `not_exercised`: what is missing. */
  readonly reason?: string;
  /** Milliseconds that it took. */
  readonly duration: number;
}
