import type { Scope } from '@parleyhq/contract';
import type { KeyValueStore } from '../log/key-value-store.js';
import { makeToken } from './access-token.js';
import { hashToken } from './hash-token.js';
import type { Principal } from './principal.js';
import type { Tokens } from './tokens.js';

/** A login that was just created. Its token is not stored anywhere. */
export interface NewLogin {
  readonly token: string;
  readonly expiresAt: number;
}

/** The logins: each replaces a token, expires and can be revoked. It never lasts longer than the token it was created from. */
export interface Logins {
  /** Creates a login for the account and scope of a credential; durable when it resolves. */
  open(principal: Principal): Promise<NewLogin>;
  /** Whose login a token is, or undefined if it is unknown, expired or ended. */
  find(token: string): Principal | undefined;
  /** Whether a login has neither expired nor ended. */
  isOpen(loginId: string): boolean;
  /** Ends a login for good; durable when it resolves. */
  end(loginId: string): Promise<void>;
  /** Ends the logins that were created from a token. */
  endOf(tokenId: string): Promise<void>;
  /** Calls `listener` with each login that is ended early. An expiry is not reported: `expiresAt` is known from the start. */
  onEnd(listener: (loginId: string) => void): void;
}

/** The options of logins. */
export interface LoginsOptions {
  /** Stores them, hashed, so that they survive restarts. */
  readonly store: KeyValueStore;
  /** The tokens that logins are created from, in addition to the owner's token. */
  readonly tokens: Pick<Tokens, 'isGood'>;
  readonly lifetimeMs: number;
  /** How many open logins an account may have. One more ends the login of that account that would expire first. */
  readonly limit: number;
  readonly now?: () => number;
}

interface LoginRecord {
  readonly account: string;
  readonly scope: Scope;
  readonly expiresAt: number;
  readonly tokenId?: string;
}

const KIND = 'login';

/** Opens the stored logins. */
export async function openLogins(options: LoginsOptions): Promise<Logins> {
  const { store, tokens, lifetimeMs, limit, now = Date.now } = options;
  const records = new Map<string, LoginRecord>();
  const listeners: ((loginId: string) => void)[] = [];
  const kept = (await store.list(KIND)).flatMap(({ key, value }) => (isRecord(value) ? [{ key, value }] : []));
  for (const { key, value } of kept) records.set(key, value);

  const end = async (loginId: string) => {
    records.delete(loginId);
    for (const listener of listeners) listener(loginId);
    await store.delete(KIND, loginId);
  };

  const isOpen = (loginId: string) => {
    const record = records.get(loginId);
    return record !== undefined && record.expiresAt > now() && (!record.tokenId || tokens.isGood(record.tokenId));
  };
  const makeRoom = async (account: string) => {
    const soonest = [...records].sort(([, a], [, b]) => a.expiresAt - b.expiresAt);
    for (const [loginId, { expiresAt }] of soonest) if (expiresAt <= now()) await end(loginId);
    const own = soonest.filter(([loginId, record]) => record.account === account && records.has(loginId));
    for (const [loginId] of own.slice(0, Math.max(0, own.length + 1 - limit))) await end(loginId);
  };

  return {
    async open({ account, scope, expiresAt, tokenId }) {
      await makeRoom(account);
      const token = makeToken('parley_login_');
      const end = Math.min(now() + lifetimeMs, expiresAt ?? Number.POSITIVE_INFINITY);
      const record = { account, scope, expiresAt: end, ...(tokenId !== undefined && { tokenId }) };
      await store.put(KIND, hashToken(token), record, record.expiresAt);
      records.set(hashToken(token), record);
      return { token, expiresAt: record.expiresAt };
    },

    find(token) {
      const loginId = hashToken(token);
      const record = records.get(loginId);
      return record && isOpen(loginId) ? { ...record, loginId } : undefined;
    },

    isOpen,
    end,

    async endOf(tokenId) {
      const made = [...records].filter(([, record]) => record.tokenId === tokenId);
      await Promise.all(made.map(([loginId]) => end(loginId)));
    },

    onEnd(listener) {
      listeners.push(listener);
    },
  };
}

function isRecord(value: unknown): value is LoginRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'account' in value &&
    typeof value.account === 'string' &&
    'scope' in value &&
    (value.scope === 'read' || value.scope === 'control') &&
    'expiresAt' in value &&
    typeof value.expiresAt === 'number' &&
    (!('tokenId' in value) || typeof value.tokenId === 'string')
  );
}
