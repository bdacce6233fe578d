import type { Credential } from './world.js';

/** The credentials of a run, and how reports show them. */
export interface Secrets {
  /** The header that a request sends for a credential. */
  authorization(as: Credential): Record<string, string>;
  /** The same header as a report shows it: `Bearer $PARLEY_TOKEN`. */
  shownAuthorization(as: Credential): Record<string, string>;
  /** Adds a secret that the server issued. */
  add(secret: string): void;
  /** A text with each secret replaced by its name. */
  hide(text: string): string;
}

/** Keeps the tokens of the two accounts, and the logins created from them. */
export function createSecrets({ token, token2 }: { token: string; token2?: string | undefined }): Secrets {
  const names = new Map<string, string>([[token, '$PARLEY_TOKEN']]);
  if (token2 !== undefined) names.set(token2, '$PARLEY_TOKEN2');
  const header = (secret: string | undefined): Record<string, string> =>
    secret === undefined ? {} : { Authorization: `Bearer ${secret}` };
  const secretOf = (as: Credential): string | undefined => {
    if (typeof as === 'object') return as.bearer;
    return { token, token2, none: undefined }[as];
  };
  return {
    authorization: (as) => header(secretOf(as)),
    shownAuthorization: (as) => {
      const secret = secretOf(as);
      return header(secret === undefined ? undefined : (names.get(secret) ?? secret));
    },
    add: (secret) => {
      if (!names.has(secret)) names.set(secret, '$PARLEY_LOGIN');
    },
    hide: (text) => [...names].reduce((shown, [secret, name]) => shown.replaceAll(secret, name), text),
  };
}
