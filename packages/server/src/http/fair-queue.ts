/** Runs tasks of many clients, a few at a time, so that no client waits for all tasks of another one. */
export interface FairQueue {
  /** Runs a task when it is its turn: clients take turns, and each one's tasks keep their order. Settles as the task does. */
  run<T>(client: string, task: () => Promise<T>): Promise<T>;
}

/** How many tasks may run at the same time: in all, and of each client. */
export interface AtOnce {
  readonly inAll: number;
  readonly each: number;
}

/** Creates an empty queue. */
export function createFairQueue({ inAll, each }: AtOnce): FairQueue {
  /** What waits, of each client that has something waiting. Whoever has not had a turn for longest comes first. */
  const waiting = new Map<string, (() => void)[]>();
  const running = new Map<string, number>();
  let all = 0;

  function count(client: string, change: 1 | -1): void {
    all += change;
    const left = (running.get(client) ?? 0) + change;
    if (left > 0) running.set(client, left);
    else running.delete(client);
  }

  function next(): void {
    if (all >= inAll) return;
    // Without this: lets slow tasks of one client keep all others waiting
    const free = [...waiting].find(([client]) => (running.get(client) ?? 0) < each);
    if (free === undefined) return;
    const [client, [begin, ...others]] = free;
    waiting.delete(client);
    // Without this: lets a client with many tasks keep all others waiting
    if (others.length > 0) waiting.set(client, others);
    count(client, 1);
    begin?.();
  }

  return {
    async run(client, task) {
      await new Promise<void>((begin) => {
        waiting.set(client, [...(waiting.get(client) ?? []), begin]);
        next();
      });
      try {
        return await task();
      } finally {
        count(client, -1);
        next();
      }
    },
  };
}
