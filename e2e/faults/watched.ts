/** Who waits for it learns of a failure; until then it is no unhandled one. */
export function watched<T>(finished: Promise<T>): Promise<T> {
  finished.catch(() => undefined);
  return finished;
}
