/** Marks a rejection as handled until somebody awaits the promise. */
export function watched<T>(finished: Promise<T>): Promise<T> {
  finished.catch(() => undefined);
  return finished;
}
