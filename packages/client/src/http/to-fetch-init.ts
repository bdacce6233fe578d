import type { CommandOptions } from '../options.js';
import type { FetchInit } from './fetch.js';

/** What a call may say of how it is sent, beside what each Request has. */
const STANDARD = ['cache', 'credentials', 'integrity', 'keepalive', 'mode', 'referrer', 'referrerPolicy'] as const;

/** Options of the SDK's own, which are nothing to `fetch`. */
const OWN: readonly (keyof CommandOptions)[] = ['timeout', 'maxRetries', 'idempotencyKey'];

/**
 * What `fetch` is to be told of a Request, all but its signal: only what the call says itself, since some runtimes refuse
 * options that they do not know, even with their default. A runtime's own options, such as `next` or `dispatcher`, come as
 * properties of the Request and are handed on.
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
