import type { Usage } from '@parleyhq/contract';
import type { SessionFold } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';

/** Compares what a session has used with its budget. */
export interface BudgetWatch {
  /** Whether nothing is left for another turn. */
  isSpent(): boolean;
  /** To be called whenever the state of the session has changed. */
  look(): void;
}

/** The longest time that a timer of Node takes. */
const MAX_TIMER = 2_147_483_647;

/** Watches the budget of one session. `onSpent` is called, perhaps often, when a turn runs and nothing is left for it. */
export function createBudgetWatch(journal: Pick<Journal, 'head'>, onSpent: () => void): BudgetWatch {
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    clearTimeout(timer);
    const { state } = journal.head;
    const { budget } = state;
    if (budget === null || state.turn_id === null) return;
    const now = Date.now();
    // Without this: lets a turn go on when the budget is spent
    if (isUsedUp(journal.head, now)) return onSpent();
    if (budget.seconds === undefined || state.status !== 'running') return;
    const left = budget.seconds * 1_000 - runningMs(journal.head, now);
    // Without this: takes no notice of the time while an agent is silent
    timer = setTimeout(look, Math.min(left, MAX_TIMER)).unref();
  }

  return {
    isSpent() {
      const { state, spent } = journal.head;
      const { turns = Number.POSITIVE_INFINITY } = state.budget ?? {};
      // The last turn may run to its end, so turns are counted only here.
      return spent.turns >= turns || isUsedUp(journal.head, Date.now());
    },
    look,
  };
}

function isUsedUp(fold: SessionFold, now: number): boolean {
  const { seconds, tokens, cost } = fold.state.budget ?? {};
  const usage = fold.state.usage ?? {};
  return (
    (seconds !== undefined && runningMs(fold, now) >= seconds * 1_000) ||
    (tokens !== undefined && tokensOf(usage) >= tokens) ||
    (cost !== undefined && (usage.cost_amount ?? 0) >= cost)
  );
}

/** Milliseconds in which a turn has run and waited for no person. */
function runningMs({ state, spent }: SessionFold, now: number): number {
  return spent.runningMs + (state.status === 'running' ? Math.max(0, now - state.updated_at) : 0);
}

/** Not each agent reports a total, and not each total has all turns in it. */
function tokensOf({ input_tokens = 0, output_tokens = 0, total_tokens = 0 }: Usage): number {
  return Math.max(total_tokens, input_tokens + output_tokens);
}
