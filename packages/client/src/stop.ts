/** Calls a listener with the reason once something stops, perhaps at once; gives what takes the listener away. */
export type Stop = (listener: (reason: unknown) => void) => () => void;

/** Something that stops once, for any number of listeners: Node takes more than ten on one signal for a leak. */
export interface Stopper {
  readonly onStop: Stop;
  stop(reason: unknown): void;
}

/** Makes a stopper. */
export function createStopper(): Stopper {
  const listeners = new Set<(reason: unknown) => void>();
  let stopped: { readonly reason: unknown } | undefined;
  return {
    onStop(listener) {
      if (stopped) listener(stopped.reason);
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop(reason) {
      stopped ??= { reason };
      for (const listener of listeners) listener(stopped.reason);
      listeners.clear();
    },
  };
}

/** Stops once a signal is aborted; without a signal never. `fetch` takes null for none, and so does this. */
export function whenAborted(signal: AbortSignal | null | undefined): Stop {
  return (listener) => {
    if (!signal) return () => undefined;
    const abort = () => listener(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  };
}
