/** The signal of each call, as the caller gave it. */
const signals = new WeakMap<Request, AbortSignal>();

/**
 * The Request that openapi-fetch is to make. It leaves the signal of a call where it is: the one of another frame or window
 * is refused by a Request's constructor, and one that lives long would gather listeners with each call.
 *
 * @throws TypeError where the runtime has no `Request`.
 */
export function createRequestClass(): typeof Request {
  if (globalThis.Request === undefined) {
    throw new TypeError(
      'createClient needs the globals Request, Response and Headers, which this runtime does not have.',
    );
  }
  return class extends Request {
    constructor(input: RequestInfo | URL, { signal, ...init }: RequestInit = {}) {
      // A middleware may make a new Request of this one: a signal of this realm stays with both.
      super(input, signal instanceof AbortSignal ? { ...init, signal } : init);
      if (signal) signals.set(this, signal);
    }
  };
}

/** The signal that ends a call. */
export function signalOf(request: Request): AbortSignal {
  return signals.get(request) ?? request.signal;
}
