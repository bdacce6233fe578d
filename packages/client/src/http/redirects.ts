import type { Fetch, FetchInit, FetchResponse } from './fetch.js';

/** Redirects of one request that are followed. */
const MAX_REDIRECTS = 10;

/** The server sends its clients to another origin. Neither the token nor what somebody wrote follows it there. */
export class ForeignRedirect extends Error {
  override readonly name = 'ForeignRedirect';

  constructor(from: string, to: URL) {
    super(
      `${new URL(from).origin} redirects to another origin, ${to.origin}, where nothing is sent: is that the baseUrl?`,
    );
  }
}

/**
 * Sends a request and follows redirects within its origin, with the same method and body after 301, 302, 307 and 308: what
 * the SDK sends is safe to repeat. 303, which asks for something else, is an answer.
 *
 * @throws ForeignRedirect before anything goes to another origin, where the runtime lets one know in time; what `fetch` does.
 */
export async function fetchWithinOrigin(fetch: Fetch, address: string, init: FetchInit): Promise<FetchResponse> {
  if (init.redirect !== 'manual') return fetch(address, init);
  let url = address;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(url, init);
    // A browser does not say where to, and must follow by itself.
    const followed = response.type === 'opaqueredirect' ? await fetch(url, { ...init, redirect: 'follow' }) : response;
    if (followed.redirected) checkOrigin(address, followed.url);
    const location = [301, 302, 307, 308].includes(followed.status) ? followed.headers.get('Location') : null;
    if (location === null) return followed;
    url = checkOrigin(address, new URL(location, url).href);
    // Read to its end, so that the connection is free for the next request.
    await followed.arrayBuffer();
  }
  throw new Error(`There were more than ${MAX_REDIRECTS} redirects.`);
}

function checkOrigin(from: string, to: string): string {
  const target = new URL(to);
  if (target.origin !== new URL(from).origin) throw new ForeignRedirect(from, target);
  return to;
}
