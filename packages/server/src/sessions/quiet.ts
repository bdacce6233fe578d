/** Waits for the moment at which nothing has happened for a while. */
export interface Quiet {
  /** Something has happened: the while begins anew. */
  stir(): void;
  /** There is nothing to wait for until something happens again. */
  rest(): void;
}

/** The longest that a timer of Node's can wait; a longer one would fire at once. */
const LONGEST = 2_147_483_647;

/** Calls `onQuiet` once `milliseconds` have passed since the last `stir`. Waiting keeps no process alive. */
export function createQuiet(milliseconds: number, onQuiet: () => void): Quiet {
  let timer: NodeJS.Timeout | undefined;
  return {
    stir() {
      if (timer === undefined) timer = setTimeout(onQuiet, Math.min(milliseconds, LONGEST)).unref();
      else timer.refresh();
    },
    rest() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
