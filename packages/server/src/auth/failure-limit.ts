/** Slows down whoever tries tokens. */
export interface FailureLimit {
  /** Counts a failure; the seconds to wait if there were too many, else undefined. */
  fail(): number | undefined;
}

/** How many failures are taken in how long. */
export interface FailureLimitOptions {
  /** @default 20 */
  readonly failures?: number;
  /** @default 60_000 // 1 minute */
  readonly windowMs?: number;
  /** @default the monotonic clock */
  readonly now?: () => number;
}

/**
 * One allowance for all callers, of failures alone: a right token is never refused, so nobody can lock the owner out,
 * and no table of addresses can grow. Guessing 256 bits is hopeless anyway; this keeps it out of the log.
 */
export function createFailureLimit(options: FailureLimitOptions = {}): FailureLimit {
  const { failures = 20, windowMs = 60_000, now = () => performance.now() } = options;
  let allowance = failures;
  let at = now();
  return {
    fail() {
      allowance = Math.min(failures, allowance + ((now() - at) * failures) / windowMs);
      at = now();
      if (allowance < 1) return Math.ceil(((1 - allowance) * windowMs) / failures / 1_000);
      allowance -= 1;
      return undefined;
    },
  };
}
