/** The signal of each call, as the caller gave it. */
const signals = new WeakMap<Request, AbortSignal>();

/**
 * The class by which openapi-fetch is to make the Request of a call. It leaves the signal of the call where it is: the one
 * of another frame or window is refused by a Request's constructor, and one that lives long would gather listeners with
 * each call.
 *
 * @throws TypeError where the runtime has no `Request`.
 */
export function createRequestClass(): typeof Request {
  if (!globalThis.Request) throw new TypeError('expected a runtime with Request, Response and Headers');
  return new Proxy(globalThis.Request, {
    construct(RequestClass, [input, { signal, ...init }]: [string, RequestInit]) {
      // A middleware may make a new Request of this one: a signal of this realm stays with both.
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
