import type { RuleFacts } from '../rule.js';

/** How a rule was broken, for reports. It contains no secrets and no character that cannot be seen. */
export interface Failure {
  /** The place of the contract that says what is expected, for example `openapi.yaml:120`. */
  readonly line: string;
  readonly expected: string;
  readonly got: string;
  /** What was sent: a request, or frames. */
  readonly sent?: string;
  /** What was received. */
  readonly received?: string;
  /** A shell command that shows it again. */
  readonly repeat?: string;
}

/** The result of a rule. */
export interface Outcome {
  readonly rule: RuleFacts;
  readonly status: 'passed' | 'failed' | 'not_exercised';
  /** What was wrong, if the status is `failed`; else empty. */
  readonly failures: readonly Failure[];
  /** What is missing, if the status is `not_exercised`. */
  readonly reason?: string;
  /** Milliseconds that it took. */
  readonly duration: number;
}
