/** Calls back once nothing has happened for a while. */
export interface IdleTimer {
  /** Something has happened: the time is counted from now. */
  restart(): void;
  /** Stops counting until the next `restart`. */
  stop(): void;
}

/** The longest that a timer of Node's can wait; a longer one would fire at once. */
const LONGEST = 2_147_483_647;

/** Calls `onIdle` once `milliseconds` have passed since the last `restart`. The timer keeps no process alive. */
export function createIdleTimer(milliseconds: number, onIdle: () => void): IdleTimer {
  let timer: NodeJS.Timeout | undefined;
  return {
    restart() {
      if (timer === undefined) timer = setTimeout(onIdle, Math.min(milliseconds, LONGEST)).unref();
      else timer.refresh();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
