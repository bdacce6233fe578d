import type { ByteBudget } from '../byte-budget.js';
import type { Journal } from '../journal/journal.js';

/** What waits in a session and is kept in memory for it: its queued messages, and its questions without an answer. */
export interface WaitingSize {
  /** Whether there is room for one more. If nothing waits in the session, its own bound does not count. */
  hasRoomFor(value: object): boolean;
  /** To be called after each change of the session. */
  update(): void;
}

/** The characters of what waits, as JSON. Each value is measured once. */
const sizes = new WeakMap<object, number>();

/**
 * Counts what waits in a session.
 *
 * @param budget counts all sessions, by account
 * @param most the most characters that wait in this session
 */
export function createWaitingSize(journal: Pick<Journal, 'head'>, budget: ByteBudget, most: number): WaitingSize {
  let counted = 0;

  function update(): void {
    const { queue, state, account } = journal.head;
    const waiting = [...queue.map(({ content }) => content), ...state.pending_approvals, ...state.pending_elicitations];
    const size = waiting.reduce((sum, value) => sum + sizeOf(value), 0);
    // Without this: takes no notice of what waits already
    budget.add(account, size - counted);
    counted = size;
  }

  return {
    update,
    hasRoomFor(value) {
      update();
      const size = sizeOf(value);
      // Without this: keeps whatever is put into the queue of one session
      const fits = counted === 0 || counted + size <= most;
      return fits && budget.fits(journal.head.account, size);
    },
  };
}

function sizeOf(value: object): number {
  let size = sizes.get(value);
  if (size === undefined) {
    size = JSON.stringify(value).length;
    sizes.set(value, size);
  }
  return size;
}
