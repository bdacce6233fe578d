/** The signal of each call, as the caller gave it. */
const signals = new WeakMap<Request, AbortSignal>();

/**
 * The class that openapi-fetch uses for the Request of a call. It keeps the signal of the call apart: the constructor of
 * Request refuses a signal from another frame or window, and would add a listener with each call to one that lives long.
 *
 * @throws TypeError if the runtime has no `Request`.
 */
export function createRequestClass(): typeof Request {
  if (!globalThis.Request) throw new TypeError('expected a runtime with Request, Response and Headers');
  return new Proxy(globalThis.Request, {
    construct(RequestClass, [input, { signal, ...init }]: [string, RequestInit]) {
      // A middleware may make a new Request from this one: a signal of this realm is passed on.
      const request = new RequestClass(input, signal instanceof AbortSignal ? { ...init, signal } : init);
      if (signal) signals.set(request, signal);
      return request;
    },
  });
}

/** The signal that ends a call. */
export function signalOf(request: Request): AbortSignal {
  return signals.get(request) ?? request.signal;
}
