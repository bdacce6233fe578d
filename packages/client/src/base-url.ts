import { describe } from './check-options.js';

const EXAMPLE = 'http://127.0.0.1:8080';

/**
 * The base URL as paths are put behind it: absolute, without a slash at its end, each `//` of its path as one slash. In a
 * browser it may be relative to the page.
 *
 * @throws TypeError for anything but an address of HTTP, and for one with credentials, a query or a hash, none of which
 * would reach the server. The message repeats none of these: they may be secrets.
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
  // What the page was opened with is no part of the server's address.
  const page = globalThis.location?.href.split(/[?#]/)[0];
  try {
    if (typeof given === 'string') return new URL(given, page);
  } catch {
    // It is no address: said below.
  }
  throw refuse(EXAMPLE, describe(given).replace(/\/\/.*@/, '//…@'));
}

/** What was meant: sockets go to the address of HTTP too, and without a scheme the name of a host is taken for one. */
function guess({ protocol, host, pathname }: URL): string {
  if (/^wss?:$/.test(protocol)) return `${protocol.replace('ws', 'http')}//${host}`;
  return host === '' && /^\w[^@]*$/.test(pathname) ? `http://${protocol}${pathname}` : EXAMPLE;
}

function refuse(expected: string, got: string): TypeError {
  return new TypeError(`baseUrl: expected an address such as ${expected}, got ${got}`);
}
