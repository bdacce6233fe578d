/** Calls a listener with the reason when something stops, or at once if it has stopped. Returns what removes the listener. */
export type Stop = (listener: (reason: unknown) => void) => () => void;

/** Something that stops once, with any number of listeners. Node warns of a leak when an AbortSignal has more than ten. */
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

/** Stops when a signal is aborted; never without a signal. Like `fetch` it accepts null for no signal. */
export function whenAborted(signal: AbortSignal | null | undefined): Stop {
  return (listener) => {
    if (!signal) return () => undefined;
    const abort = () => listener(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  };
}
