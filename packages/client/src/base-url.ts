import { describe } from './check-options.js';

const EXAMPLE = 'http://127.0.0.1:8080';

/**
 * The base URL in the form that paths are appended to: absolute, without a slash at the end, and with single slashes in its
 * path. In a browser it may be relative to the page.
 *
 * @throws TypeError for anything but an HTTP address, and for one with credentials, a query or a hash, since these would not
 * reach the server. The message does not repeat them: they may be secrets.
 */
export function toBaseUrl(given: string): string {
  const url = parse(given);
  const origin = `${url.protocol}//${url.host}`;
  if (!/^https?:$/.test(url.protocol)) throw refuse(guess(url), `${url.protocol}…`);
  const surplus = url.username || url.password ? 'credentials' : url.search ? 'a query' : url.hash && 'a hash';
  if (surplus) throw refuse(origin + url.pathname, `one with ${surplus}`);
  return origin + url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
}

function parse(given: unknown): URL {
  // The query and the hash of the page do not belong to the server's address.
  const page = globalThis.location?.href.split(/[?#]/)[0];
  try {
    if (typeof given === 'string') return new URL(given, page);
  } catch {
    // Not an address: refused below.
  }
  throw refuse(EXAMPLE, describe(given).replace(/\/\/.*@/, '//…@'));
}

/** The address that was probably meant: `ws:` should be `http:`, and in `host:8080` the host was parsed as the scheme. */
function guess({ protocol, host, pathname }: URL): string {
  if (/^wss?:$/.test(protocol)) return `${protocol.replace('ws', 'http')}//${host}`;
  return host === '' && /^\w[^@]*$/.test(pathname) ? `http://${protocol}${pathname}` : EXAMPLE;
}

function refuse(expected: string, got: string): TypeError {
  return new TypeError(`baseUrl: expected an address such as ${expected}, got ${got}`);
}
