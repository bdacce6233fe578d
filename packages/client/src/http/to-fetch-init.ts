import type { CommandOptions } from '../options.js';
import type { FetchInit } from './fetch.js';

/** Options of a call in addition to those of every Request. */
const STANDARD = ['cache', 'credentials', 'integrity', 'keepalive', 'mode', 'referrer', 'referrerPolicy'] as const;

/** Options of the SDK, which `fetch` does not get. */
const OWN: readonly (keyof CommandOptions)[] = ['timeout', 'maxRetries', 'idempotencyKey'];

/**
 * The `init` of `fetch` for a Request, without its signal. It has only options that the call has set, since some runtimes
 * refuse unknown options even with their default value. Options of a runtime, such as `next` or `dispatcher`, are properties of
 * the Request and are passed on.
 */
export async function toFetchInit(request: Request): Promise<Omit<FetchInit, 'signal'>> {
  const plain = new Request(request.url);
  const said = STANDARD.filter((name) => request[name] !== plain[name]).map((name) => [name, request[name]]);
  const special = Object.entries(request).filter(([name]) => !OWN.some((own) => own === name));
  const headers: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    headers[name] = value;
  });
  // As a string: Node 20 and 22 cannot send an ArrayBuffer again after a redirect.
  const body = await request.text();
  return {
    cache: 'no-store',
    ...Object.fromEntries(special),
    ...Object.fromEntries(said),
    redirect: request.redirect === 'follow' ? 'manual' : request.redirect,
    method: request.method,
    headers,
    ...(body !== '' && { body }),
  };
}
