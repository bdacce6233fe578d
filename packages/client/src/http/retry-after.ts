/**
 * The seconds that the server may make one call wait with `Retry-After`, all attempts together. Nobody has asked for that
 * wait: an error that tells of a longer one goes to the caller, who decides.
 */
export const PATIENCE = 10;

/**
 * The seconds that the server may make a stream wait with `Retry-After` without a good connection between, about what its
 * own waits come to. A loop is there to wait, but who watches it wants to know that nothing comes.
 */
export const PATIENCE_OF_STREAMS = 300;

/** The seconds of a `Retry-After`, which may also be a date; undefined without one. */
export function retryAfterOf(response: Response): number | undefined {
  const value = response.headers.get('Retry-After');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
