/**
 * How many seconds a call may wait because of `Retry-After`, all attempts together. If the server asks for more, the caller
 * gets the error and decides.
 */
export const PATIENCE = 10;

/**
 * How many seconds a stream may wait because of `Retry-After` since its last good connection: about as long as its own waits
 * together. A loop can wait longer than a call, but at some time its user should know that nothing comes.
 */
export const PATIENCE_OF_STREAMS = 300;

/** The seconds of a `Retry-After`, which may also be a date; undefined without one. */
export function retryAfterOf(response: Response): number | undefined {
  const value = response.headers.get('Retry-After');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
