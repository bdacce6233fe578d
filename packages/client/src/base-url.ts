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
  if (!/^https?:$/.test(url.protocol)) throw refuse(`expected an address such as ${guess(url)}, got ${url.protocol}…`);
  if (url.username !== '' || url.password !== '') {
    throw refuse(`expected no credentials in the address (${origin}); the access token belongs into \`token\``);
  }
  if (url.search !== '') throw refuse(`expected no query in the address (${origin}${url.pathname})`);
  if (url.hash !== '') throw refuse(`expected no hash in the address (${origin}${url.pathname})`);
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
  const shown = describe(given).replace(/\/\/.*@/, '//…@');
  throw refuse(`expected an address such as ${EXAMPLE}, got ${shown}`);
}

/** What was meant: sockets go to the address of HTTP too, and without a scheme the name of a host is taken for one. */
function guess({ protocol, host, pathname }: URL): string {
  if (/^wss?:$/.test(protocol)) return `${protocol.replace('ws', 'http')}//${host}`;
  return host === '' && /^\w[^@]*$/.test(pathname) ? `http://${protocol}${pathname}` : EXAMPLE;
}

function refuse(message: string): TypeError {
  return new TypeError(`baseUrl: ${message}`);
}
