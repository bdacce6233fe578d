import { whenAborted } from '../stop.js';

/**
 * A credential, or a function that is asked for one before each request and handshake, and again when it is refused. White
 * space around it is no part of it: it may come from a file.
 */
export type TokenSource = string | (() => Promise<string>);

/**
 * The credential to use now; undefined leaves authentication to a browser's cookie.
 *
 * @throws what the function does; the reason of the signal, also where the function never answers.
 */
export async function currentToken(source: TokenSource | undefined, signal?: AbortSignal): Promise<string | undefined> {
  if (typeof source !== 'function') return source?.trim();
  const token = await new Promise<string>((resolve, reject) => {
    const unlisten = whenAborted(signal)(reject);
    source().then(resolve, reject).finally(unlisten);
  });
  return token.trim();
}
