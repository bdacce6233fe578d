/** The options of every call. */
export interface CallOptions {
  /** Ends the call, and loops that follow from it; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each attempt. @default the client's `timeout` */
  readonly timeout?: number | undefined;
  /**
   * How often the call is tried again. The SDK waits as long as `Retry-After` says, up to 10 seconds for all attempts
   * together. If the server asks for more, the call rejects at once; its ServiceError has the `retryAfter`.
   *
   * @default the client's `maxRetries`
   */
  readonly maxRetries?: number | undefined;
}

/** The options of a call that changes something. */
export interface CommandOptions extends CallOptions {
  /** Makes the call safe to repeat, also by another process. @default a new UUID for each call */
  readonly idempotencyKey?: string | undefined;
}
