import { describe } from '../check-options.js';
import { whenAborted } from '../stop.js';

/**
 * A token, or a function that is called for it before each request and handshake, and again when the server refuses it. White
 * space around a token is removed: it may come from a file.
 */
export type TokenSource = string | (() => string | Promise<string>);

/**
 * The token to use now; undefined leaves authentication to a browser's cookie.
 *
 * @throws what the function throws; TypeError, without the token in it, for a token that no header can carry; the reason of
 * the signal, also if the function never answers.
 */
export async function currentToken(source: TokenSource | undefined, signal?: AbortSignal): Promise<string | undefined> {
  if (typeof source !== 'function') return source && check(source, 'token');
  const token = await new Promise<string>((resolve, reject) => {
    const unlisten = whenAborted(signal)(reject);
    // In an async function, so that throwing and rejecting are the same.
    const asked = (async () => source())();
    asked.then(resolve, reject).finally(unlisten);
  });
  return check(token, 'token()');
}

function check(token: string, name: string): string {
  if (typeof token !== 'string') throw new TypeError(`${name}: expected a string, got ${describe(token)}`);
  const trimmed = token.trim();
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(trimmed)) return trimmed;
  throw new TypeError(`${name}: expected what a header can carry`);
}
