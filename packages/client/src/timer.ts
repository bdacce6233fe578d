/** The longest delay of a timer in browsers and Node; a longer one would fire after 1 ms. */
const LONGEST = 2 ** 31 - 1;

/**
 * Calls back after this many milliseconds, with no maximum; `Infinity` means never. Returns a function that stops it. It uses
 * the monotonic clock, like everything here that waits or measures: the system clock may be set.
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
