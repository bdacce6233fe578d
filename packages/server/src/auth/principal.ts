import type { Scope } from '@parleyhq/contract';

/** Who is asking, and what they may do. */
export interface Principal {
  readonly account: string;
  readonly scope: Scope;
  /** When the credential ends, in milliseconds since the epoch; null for one that does not expire. */
  readonly expiresAt: number | null;
  /** Which made token this is, or was exchanged for this login; left out for the owner's access token. */
  readonly tokenId?: string;
  /** Which login this is; left out for a token, which no logout ends. */
  readonly loginId?: string;
}
