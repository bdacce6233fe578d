/** The longest wait that the timers of browsers and Node can hold; they take anything above it for 1 ms. */
const LONGEST = 2 ** 31 - 1;

/**
 * Calls back after so many milliseconds, however many: `Infinity` is never. Gives what stops it. It goes by the monotonic
 * clock, as everything here that waits or measures does: the clock of the day may be set.
 */
export function startTimer(milliseconds: number, callback: () => void): () => void {
  const due = performance.now() + milliseconds;
  let timer: ReturnType<typeof setTimeout>;
  arm();
  return () => clearTimeout(timer);

  function arm(): void {
    const left = due - performance.now();
    timer = left > LONGEST ? setTimeout(arm, LONGEST) : setTimeout(callback, left);
  }
}
