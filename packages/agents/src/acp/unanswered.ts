/** The requests of an agent whose answers it has not taken yet. */
export interface Unanswered {
  readonly full: boolean;
  /** Resolves when there is room again. */
  room(): Promise<void>;
  /** Counts a request. Two may have the same id. */
  add(id: unknown, size: number): void;
  /** The answer to a request with this id has left. */
  remove(id: unknown): void;
}

/**
 * Counts the requests that an agent has made. Each is kept until the agent takes its answer, and the id in the answer may be as
 * long as a line. So there is a bound for an agent that asks and does not read.
 */
export function createUnanswered(limits: { readonly requests: number; readonly size: number }): Unanswered {
  const sizes = new Map<unknown, number[]>();
  let requests = 0;
  let size = 0;
  let wake: (() => void) | undefined;
  const isFull = () => requests >= limits.requests || size >= limits.size;

  return {
    get full() {
      return isFull();
    },
    async room() {
      while (isFull()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    add(id, added) {
      requests += 1;
      size += added;
      const same = sizes.get(id);
      if (same === undefined) sizes.set(id, [added]);
      else same.push(added);
    },
    remove(id) {
      const same = sizes.get(id);
      const removed = same?.shift();
      if (same === undefined || removed === undefined) return;
      if (same.length === 0) sizes.delete(id);
      requests -= 1;
      size -= removed;
      wake?.();
    },
  };
}
