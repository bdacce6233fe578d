import { type ErrorCode, errors } from '@parleyhq/contract';
import { ConnectionError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { CommandOptions } from '../options.js';
import { whenAborted } from '../stop.js';
import { type Backoff, backoffDelay, wait } from '../stream/backoff.js';
import { PATIENCE, retryAfterOf } from './retry-after.js';
import { currentToken, type TokenSource } from './token.js';
import { randomUuid } from './uuid.js';

/** How requests are sent. */
export interface RetryingFetchOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly token: TokenSource | undefined;
  /** Milliseconds for each attempt, its body included. */
  readonly timeout: number;
  readonly maxRetries: number;
  readonly backoff: Backoff;
  readonly logger: Logger;
}

/**
 * A `fetch` for openapi-fetch that tries again after connection failures and retryable errors, which is safe: every POST
 * carries an Idempotency-Key, the same in each attempt (promise 4). A refused credential is asked for once more where a
 * function gives it. The answer's body is read whole, so that one which breaks off is a connection failure too. A purge
 * that is repeated succeeds where the session is gone.
 *
 * The options of a call come as properties of its Request: openapi-fetch puts there what it does not know.
 *
 * @throws ConnectionError after the last attempt; the reason of the request's signal.
 */
export function createRetryingFetch(options: RetryingFetchOptions): (request: Request) => Promise<Response> {
  return async (request: Request & CommandOptions) => {
    const { timeout = options.timeout, maxRetries = options.maxRetries } = request;
    const body = request.method === 'GET' ? undefined : await request.arrayBuffer();
    const headers = new Headers(request.headers);
    if (request.method === 'POST' && !headers.has('Idempotency-Key')) {
      headers.set('Idempotency-Key', request.idempotencyKey ?? randomUuid());
    }
    let patience = PATIENCE;
    let renewable = typeof options.token === 'function';
    for (let attempt = 0; ; attempt++) {
      const outcome = await send(request, headers, body?.byteLength ? body : undefined, timeout, options);
      if (outcome instanceof Response) {
        if (outcome.status === 401 && renewable) {
          renewable = false;
          attempt--;
          continue;
        }
        if (attempt > 0 && (await isPurged(request, outcome))) return new Response(null, { status: 204 });
        const seconds = retryAfterOf(outcome) ?? 0;
        if (attempt >= maxRetries || seconds > patience || !(await isRetryable(outcome))) return outcome;
        patience -= seconds;
        await pause(Math.max(seconds * 1000, backoffDelay(attempt, options.backoff)), `${outcome.status}`);
      } else {
        if (attempt >= maxRetries) {
          const message = `${request.method} ${request.url} failed: ${outcome.message}`;
          throw new ConnectionError(message, { attempts: attempt + 1, cause: outcome });
        }
        await pause(backoffDelay(attempt, options.backoff), outcome.message);
      }
    }

    function pause(milliseconds: number, reason: string): Promise<void> {
      options.logger.debug(`${request.method} ${request.url} is tried again.`, { reason, milliseconds });
      return wait(milliseconds, request.signal);
    }
  };
}

/** One attempt: the answer with its whole body, or why there is none. */
async function send(
  request: Request,
  headers: Headers,
  body: ArrayBuffer | undefined,
  timeout: number,
  options: RetryingFetchOptions,
): Promise<Response | Error> {
  const token = await currentToken(options.token, request.signal);
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  const stop = new AbortController();
  const unlisten = whenAborted(request.signal)((reason) => stop.abort(reason));
  const late = new DOMException(`There was no whole answer within ${timeout} ms.`, 'TimeoutError');
  const timer = setTimeout(() => stop.abort(late), timeout);
  try {
    // The signal goes beside the Request, and is none of AbortSignal.any and AbortSignal.timeout: Node 20 loses those with
    // its next garbage, and an answer that never comes would be waited for without an end.
    const sent = new Request(request, { headers, ...(body && { body }) });
    const response = await options.fetch(sent, { signal: stop.signal });
    const bytes = await response.arrayBuffer();
    return new Response(bytes.byteLength === 0 ? null : bytes, response);
  } catch (error) {
    request.signal.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
    unlisten();
  }
}

async function isRetryable(response: Response): Promise<boolean> {
  if (response.status < 400) return false;
  const code = await codeOf(response);
  // A code that this release does not know, or an answer of something between, which knows none.
  return errors[code as ErrorCode]?.retryable ?? (response.status >= 500 || response.status === 429);
}

/** Whether a repeated purge finds nothing: an attempt before it has done the work, and its answer was lost. */
async function isPurged({ method, url }: Request, response: Response): Promise<boolean> {
  if (method !== 'DELETE' || new URL(url).searchParams.get('purge') !== 'true' || response.status !== 404) return false;
  return (await codeOf(response)) === 'SessionNotFound';
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return Object(body).code;
}
