import type { Scope } from '@parleyhq/contract';

/** The account of the owner's access token: whoever runs the server. */
export const OWNER_ACCOUNT = 'owner';

/** Who is asking, and what they may do. */
export interface Principal {
  readonly account: string;
  readonly scope: Scope;
  /** When the credential ends, in milliseconds since the epoch; null for one that does not expire. */
  readonly expiresAt: number | null;
  /** The id of the token, or of the token that the login was created from; absent for the owner's access token. */
  readonly tokenId?: string;
  /** The id of the login; absent for a token, since a logout does not end tokens. */
  readonly loginId?: string;
}

/** Whether these are the rights of the server's owner, who may change what the sessions of all accounts use. */
export function isOwner({ account, scope }: Principal): boolean {
  return account === OWNER_ACCOUNT && scope === 'control';
}

/** What the limits of a credential count by: a token with its logins, the owner's token with its logins, or `none`. */
export function credentialOf(principal: Principal | undefined): string {
  return principal === undefined ? 'none' : (principal.tokenId ?? 'owner');
}
