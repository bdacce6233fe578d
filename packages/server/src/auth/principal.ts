import type { Scope } from '@parleyhq/contract';

/** Who is asking, and what they may do. */
export interface Principal {
  readonly account: string;
  readonly scope: Scope;
  /** When the credential ends, in milliseconds since the epoch; null for one that does not expire. */
  readonly expiresAt: number | null;
  /** Which login this is; left out for an access token, which no logout ends. */
  readonly loginId?: string;
}
