/** The events that end a wait without an answer. */
export interface WaitEnds {
  /** Milliseconds until `onTimeout` is called. */
  readonly timeout: number;
  readonly onTimeout: () => void;
  /** Aborted when the answer is no longer wanted. */
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

/** The pending waits for answers of the user, by the id of the question. */
export interface Waiters<Outcome> {
  /** Resolves with the outcome that `settle` is called with. */
  wait(id: string, ends: WaitEnds): Promise<Outcome>;
  /** Ends the wait with this outcome. Later calls with the same id do nothing. */
  settle(id: string, outcome: Outcome): void;
}

/** Creates an empty set of waits. Each wait ends once, and leaves no timer and no listener behind. */
export function createWaiters<Outcome>(): Waiters<Outcome> {
  const waiting = new Map<string, (outcome: Outcome) => void>();
  return {
    wait(id, { timeout, onTimeout, signal, onAbort }) {
      return new Promise((resolve) => {
        // Without this: waits for ever for an approval
        const timer = setTimeout(onTimeout, timeout);
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.set(id, (outcome) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          resolve(outcome);
        });
        if (signal.aborted) onAbort();
      });
    },
    settle(id, outcome) {
      const settle = waiting.get(id);
      waiting.delete(id);
      settle?.(outcome);
    },
  };
}
