/** Limits the rate of failed attempts. */
export interface FailureLimit {
  /** Counts a failure. Returns the seconds to wait if there were too many, else undefined. */
  fail(): number | undefined;
}

/** How many failures are allowed in how much time. */
export interface FailureLimitOptions {
  readonly failures: number;
  /** @default 60_000 // 1 minute */
  readonly windowMs?: number;
  /** @default the monotonic clock */
  readonly now?: () => number;
}

/**
 * Creates one limit for all callers. Only failures count: a correct token is never refused, so nobody can lock the owner
 * out. There is no table of addresses that could grow. Guessing 256 bits is hopeless anyway; the limit keeps the log short.
 */
export function createFailureLimit(options: FailureLimitOptions): FailureLimit {
  const { failures, windowMs = 60_000, now = () => performance.now() } = options;
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
