import type { Fetch, FetchInit, FetchResponse } from './fetch.js';

/** How many redirects of one request are followed. */
const MAX_REDIRECTS = 10;

/** The server redirects to another origin. Neither the token nor the request is sent there. */
export class ForeignRedirect extends Error {
  override readonly name = 'ForeignRedirect';

  constructor(from: string, to: URL) {
    super(
      `${new URL(from).origin} redirects to another origin, ${to.origin}, where nothing is sent: is that the baseUrl?`,
    );
  }
}

/**
 * Sends a request and follows redirects within its origin. After 301, 302, 307 and 308 it sends the same method and body,
 * since every request of the SDK is safe to repeat. 303 asks for something else, so it is returned as the answer.
 *
 * @throws ForeignRedirect before anything is sent to another origin (browsers tell only afterwards); what `fetch` throws.
 */
export async function fetchWithinOrigin(fetch: Fetch, address: string, init: FetchInit): Promise<FetchResponse> {
  if (init.redirect !== 'manual') return fetch(address, init);
  let url = address;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(url, init);
    // A browser does not tell the target, so it has to follow the redirect itself.
    const followed = response.type === 'opaqueredirect' ? await fetch(url, { ...init, redirect: 'follow' }) : response;
    if (followed.redirected) checkOrigin(address, followed.url);
    const location = [301, 302, 307, 308].includes(followed.status) ? followed.headers.get('Location') : null;
    if (location === null) return followed;
    url = checkOrigin(address, new URL(location, url).href);
    // Read the body, so that the connection is free for the next request.
    await followed.arrayBuffer();
  }
  throw new Error(`There were more than ${MAX_REDIRECTS} redirects.`);
}

function checkOrigin(from: string, to: string): string {
  const target = new URL(to);
  if (target.origin !== new URL(from).origin) throw new ForeignRedirect(from, target);
  return to;
}
