import { type ErrorCode, errors } from '@parleyhq/contract';
import { checkCount, checkDuration } from '../check-options.js';
import { ConnectionError, toError } from '../errors.js';
import { LocalServerError } from '../local/local-server.js';
import type { Logger } from '../logger.js';
import type { CommandOptions } from '../options.js';
import { whenAborted } from '../stop.js';
import { type Backoff, backoffDelay, wait } from '../stream/backoff.js';
import { startTimer } from '../timer.js';
import { signalOf } from './call-request.js';
import type { Fetch, FetchInit } from './fetch.js';
import { ForeignRedirect, fetchWithinOrigin } from './redirects.js';
import { PATIENCE, retryAfterOf } from './retry-after.js';
import { toFetchInit } from './to-fetch-init.js';
import { currentToken, type TokenSource } from './token.js';
import { randomUuid } from './uuid.js';

/** The options of `createRetryingFetch`. */
export interface RetryingFetchOptions {
  readonly fetch: Fetch;
  readonly token: TokenSource | undefined;
  /** Milliseconds for each attempt, its body included. */
  readonly timeout: number;
  readonly maxRetries: number;
  readonly backoff: Backoff;
  readonly logger: Logger;
}

/** One attempt: the answer with its whole body, or why there is none. */
type Outcome = { readonly response: Response } | { readonly failure: Error };

/**
 * A `fetch` for openapi-fetch that tries again after connection failures and retryable errors. That is safe: every POST has
 * an Idempotency-Key, the same in each attempt (promise 4). If the server refuses the credential and a function gives it, the
 * function is called once more. The body of an answer is read completely, so that one that breaks off counts as a
 * connection failure. A repeated purge succeeds if the session is gone.
 *
 * The options of a call come as properties of its Request: openapi-fetch puts options there that it does not know.
 *
 * @throws ConnectionError after the last attempt, or for a redirect to another origin; the reason of the call's signal;
 * RangeError or TypeError for a `timeout` or `maxRetries` that is out of range or not a number.
 */
export function createRetryingFetch(options: RetryingFetchOptions): (request: Request) => Promise<Response> {
  return async (request: Request & CommandOptions) => {
    const { timeout = options.timeout, maxRetries = options.maxRetries } = request;
    checkDuration('timeout', timeout);
    checkCount('maxRetries', maxRetries);
    const signal = signalOf(request);
    const init = await toFetchInit(request);
    // Without this: sends commands without a key
    if (request.method === 'POST') init.headers['idempotency-key'] ??= request.idempotencyKey ?? randomUuid();
    let patience = PATIENCE;
    let renewable = typeof options.token === 'function';
    for (let attempt = 0; ; attempt++) {
      // Without this: repeats a command without its body
      const outcome = await send(request.url, { ...init, signal }, timeout, options);
      if ('response' in outcome) {
        const { response } = outcome;
        if (response.status === 401 && renewable) {
          renewable = false;
          attempt--;
          continue;
        }
        if (attempt > 0 && (await isPurged(request, response))) return new Response(null, { status: 204 });
        const seconds = retryAfterOf(response) ?? 0;
        // Without this: holds a call for as long as a server likes
        if (attempt >= maxRetries || seconds > patience || !(await isRetryable(response))) return response;
        patience -= seconds;
        // Without this: repeats a call before the server wants it
        await pause(Math.max(seconds * 1000, backoffDelay(attempt, options.backoff)), `${response.status}`);
      } else {
        const { failure } = outcome;
        if (attempt >= maxRetries || failure instanceof ForeignRedirect) {
          const message = `${request.method} ${request.url} failed: ${failure.message}`;
          throw new ConnectionError(message, { attempts: attempt + 1, cause: failure });
        }
        await pause(backoffDelay(attempt, options.backoff), failure.message);
      }
    }

    function pause(milliseconds: number, reason: string): Promise<void> {
      options.logger.debug(`${request.method} ${request.url} is tried again.`, { reason, milliseconds });
      return wait(milliseconds, signal);
    }
  };
}

async function send(url: string, init: FetchInit, timeout: number, options: RetryingFetchOptions): Promise<Outcome> {
  const { signal } = init;
  let token: string | undefined;
  try {
    token = await currentToken(options.token, signal);
  } catch (error) {
    // The server of this machine does not answer now, but may do later.
    if (error instanceof LocalServerError && error.problem === 'unreachable') return { failure: error };
    throw error;
  }
  // Without this: makes a new key for each attempt
  const headers = token === undefined ? init.headers : { ...init.headers, authorization: `Bearer ${token}` };
  const stop = new AbortController();
  const unlisten = whenAborted(signal)((reason) => stop.abort(reason));
  const late = new DOMException(`There was no whole answer within ${timeout} ms.`, 'TimeoutError');
  const stopTimer = startTimer(timeout, () => stop.abort(late));
  try {
    // Not AbortSignal.any or AbortSignal.timeout: Node 20 may collect those as garbage, and then nothing ends the wait for
    // an answer that never comes.
    const { fetch } = options;
    const answer = await fetchWithinOrigin(fetch, url, { ...init, headers, signal: stop.signal });
    const bytes = await answer.arrayBuffer();
    const { status, statusText } = answer;
    // A Response of this runtime, whatever library the answer comes from.
    const response = new Response(bytes.byteLength === 0 ? null : bytes, { status, statusText });
    answer.headers.forEach((value, name) => void response.headers.append(name, value));
    return { response };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return { failure: toError(error) };
  } finally {
    stopTimer();
    unlisten();
  }
}

async function isRetryable(response: Response): Promise<boolean> {
  if (response.status < 400) return false;
  const code = await codeOf(response);
  // A code that this release does not know, or the answer of a proxy, without a code.
  return errors[code as ErrorCode]?.retryable ?? (response.status >= 500 || response.status === 429);
}

/** Whether a repeated purge finds no session: an earlier attempt has purged it, and the answer was lost. */
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
