import { constants } from 'node:os';

/** Stops a run on Ctrl-C or on a signal that ends processes. */
export interface StopSignals {
  /** Aborted when the run has to end at once. */
  readonly quit: AbortSignal;
  /** The exit code of a stopped run; undefined if nothing has stopped it. */
  readonly exitCode: number | undefined;
  /** Sets what the first Ctrl-C does. It returns false if there is nothing to interrupt. */
  onInterrupt(interrupt: () => boolean): void;
  /** Handles Ctrl-C. */
  interrupt(): void;
  /** Stops the run because the reader of its output is gone. */
  outputClosed(): void;
  /** Removes the signal handlers. */
  close(): void;
}

const ENDING = ['SIGTERM', 'SIGHUP'] as const;

/** Listens for signals. The first Ctrl-C interrupts, if possible. The second one quits, as do SIGTERM and SIGHUP. */
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
    outputClosed: () => stop('SIGPIPE'),
    close() {
      process.off('SIGINT', interrupt);
      for (const signal of ENDING) process.off(signal, stop);
    },
  };
}
