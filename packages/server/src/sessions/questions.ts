import type { Event } from '@parleyhq/contract';
import type { Approvals } from './approvals.js';
import type { Elicitations } from './elicitations.js';

/** The end of everything that waits for the user's answer. */
export interface CancelledQuestions {
  /** To be appended with what ends them: whoever answers later is too late. */
  readonly events: readonly Event[];
  /** To be called when they are in the log: the agent gets its answers. */
  released(): void;
}

/** Cancels all approvals and questions of a session. */
export function cancelQuestions(approvals: Approvals, elicitations: Elicitations): CancelledQuestions {
  const open = [approvals.cancellations(), elicitations.cancellations()];
  return {
    events: open.flatMap(({ events }) => events),
    released() {
      for (const { released } of open) released();
    },
  };
}
