/** What every call takes. */
export interface CallOptions {
  /** Ends the call and what follows from it; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each attempt. @default the client's `timeout` */
  readonly timeout?: number | undefined;
  /**
   * Attempts after the first. They wait as long as `Retry-After` says, up to 10 seconds in all: where the server asks for
   * more, the call rejects at once, with the `retryAfter` of its ServiceError. @default the client's `maxRetries`
   */
  readonly maxRetries?: number | undefined;
}

/** What a call takes that changes something. */
export interface CommandOptions extends CallOptions {
  /** Makes the call safe to repeat, also by another process. @default a new UUID for each call */
  readonly idempotencyKey?: string | undefined;
}
