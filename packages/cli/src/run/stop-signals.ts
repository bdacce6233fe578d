import { constants } from 'node:os';

/** What stops a run: Ctrl-C, or a signal that ends processes. */
export interface StopSignals {
  /** Aborted when the run is to end now. */
  readonly quit: AbortSignal;
  /** The exit code of having been stopped; undefined where nothing has stopped it. */
  readonly exitCode: number | undefined;
  /** What Ctrl-C does first, from now on; false where there is nothing to interrupt. */
  onInterrupt(interrupt: () => boolean): void;
  /** Ctrl-C was pressed. */
  interrupt(): void;
  /** Nobody reads any more what is written. */
  leave(): void;
  /** Leaves signals alone again. */
  close(): void;
}

const ENDING = ['SIGTERM', 'SIGHUP'] as const;

/** Listens for signals: the first Ctrl-C interrupts what can be interrupted, the second quits, as SIGTERM and SIGHUP do. */
export function createStopSignals(): StopSignals {
  const quit = new AbortController();
  let interruptFirst: () => boolean = () => false;
  let interrupted = false;
  let exitCode: number | undefined;

  function stop(signal: NodeJS.Signals): void {
    exitCode ??= 128 + constants.signals[signal];
    quit.abort(new DOMException(`Stopped by ${signal}.`, 'AbortError'));
  }

  function interrupt(): void {
    if (interrupted || !interruptFirst()) stop('SIGINT');
    interrupted = true;
  }

  process.on('SIGINT', interrupt);
  for (const signal of ENDING) process.on(signal, stop);
  return {
    quit: quit.signal,
    get exitCode() {
      return exitCode;
    },
    onInterrupt(first) {
      interruptFirst = first;
    },
    interrupt,
    leave: () => stop('SIGPIPE'),
    close() {
      process.off('SIGINT', interrupt);
      for (const signal of ENDING) process.off(signal, stop);
    },
  };
}
