/**
 * Shares a read among those who ask for it at the same time. At most two are under way, one after another: whoever asks while one runs
 * gets the next one, which begins after he has asked and so sees what was there before.
 */
export function createSharedRead<T>(read: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    // Without this: reads once for each who asks
    if (next !== undefined) return next;
    const begun = last.then(() => {
      next = undefined;
      return read();
    });
    next = begun;
    last = begun.catch(() => undefined);
    return begun;
  };
}
