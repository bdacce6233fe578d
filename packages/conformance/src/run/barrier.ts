/** A point at which several tasks wait for each other before an action runs once for all of them. */
export interface Barrier {
  /** Waits until every member that has not left has joined, then until the action has ended. */
  join(): Promise<void>;
  /** One member fewer is waited for. */
  leave(): void;
}

/**
 * A barrier for `members` tasks. When each has joined or left, `action` runs once for all that wait. The barrier can be
 * used again. If the action fails, `join` rejects for all of them.
 */
export function createBarrier(members: number, action: () => Promise<void>): Barrier {
  let present = members;
  let waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  const check = () => {
    if (waiting.length === 0 || waiting.length < present) return;
    const together = waiting;
    waiting = [];
    action().then(
      () => together.forEach(({ resolve }) => void resolve()),
      (error) => together.forEach(({ reject }) => void reject(error)),
    );
  };
  return {
    join: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        check();
      }),
    leave() {
      present -= 1;
      check();
    },
  };
}
