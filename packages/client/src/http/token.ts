/** A credential, or a function that is asked for one before each request and handshake, and again when it is refused. */
export type TokenSource = string | (() => Promise<string>);

/** The credential to use now; undefined leaves authentication to a browser's cookie. */
export async function currentToken(source: TokenSource | undefined): Promise<string | undefined> {
  return typeof source === 'function' ? source() : source;
}
