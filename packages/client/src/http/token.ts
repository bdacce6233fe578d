import { describe } from '../check-options.js';
import { whenAborted } from '../stop.js';

/**
 * A credential, or a function that is asked for one before each request and handshake, and again when it is refused. White
 * space around it is no part of it: it may come from a file.
 */
export type TokenSource = string | (() => string | Promise<string>);

/**
 * The credential to use now; undefined leaves authentication to a browser's cookie.
 *
 * @throws what the function does; TypeError for a token that no header can carry, without repeating it; the reason of the
 * signal, also where the function never answers.
 */
export async function currentToken(source: TokenSource | undefined, signal?: AbortSignal): Promise<string | undefined> {
  if (typeof source !== 'function') return source && check(source, 'token');
  const token = await new Promise<string>((resolve, reject) => {
    const unlisten = whenAborted(signal)(reject);
    // In an async function: one that throws at once is like one that rejects.
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
