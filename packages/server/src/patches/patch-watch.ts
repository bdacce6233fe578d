/** Calls a function after changes, at a limited rate. */
export interface PatchWatch {
  /** To be called when something may have changed: `look` will be called soon. */
  schedule(): void;
  /** Cancels a scheduled call of `look`. */
  stop(): void;
}

/** At most this share of the time is spent in `look`, however long a call takes. */
const SHARE = 1 / 5;

/** Calls `look` soon after `schedule`: at most once in `interval` milliseconds, and never without a `schedule`. */
export function createPatchWatch(look: () => Promise<void>, interval: number): PatchWatch {
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  /** Whether something may have changed since the current call of `look` began. */
  let again = false;
  let next = 0;

  async function run(): Promise<void> {
    timer = undefined;
    looking = true;
    const began = performance.now();
    await look();
    const took = performance.now() - began;
    next = performance.now() + Math.max(interval, took / SHARE - took);
    looking = false;
    if (again) schedule();
  }

  function schedule(): void {
    again = looking;
    if (!looking) timer ??= setTimeout(run, Math.max(0, next - performance.now())).unref();
  }

  return {
    schedule,
    stop() {
      clearTimeout(timer);
      timer = undefined;
      again = false;
    },
  };
}
