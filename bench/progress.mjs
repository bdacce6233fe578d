const started = performance.now();

/**
 * Prints what is being measured, with the time since the start.
 *
 * @param {string} what
 */
export function progress(what) {
  const seconds = Math.round((performance.now() - started) / 1_000);
  console.log(`${String(seconds).padStart(4)} s  ${what}`);
}
