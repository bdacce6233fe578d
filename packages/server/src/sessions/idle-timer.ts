/** A timer that fires when nothing has happened for some time. */
export interface IdleTimer {
  /** Starts the timer again from zero. */
  restart(): void;
  /** Stops the timer until the next `restart`. */
  stop(): void;
}

/** The longest delay of a timer in Node. With a longer delay, it would fire at once. */
const LONGEST = 2_147_483_647;

/** Calls `onIdle` when `milliseconds` have passed since the last `restart`. The timer does not keep the process alive. */
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
