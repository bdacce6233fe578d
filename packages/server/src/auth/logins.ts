import { createHash } from 'node:crypto';
import type { Scope } from '@parleyhq/contract';
import type { KeyValueStore } from '../log/key-value-store.js';
import { makeToken } from './access-token.js';
import type { Principal } from './principal.js';

/** A login that was just made; the token itself is kept nowhere. */
export interface NewLogin {
  readonly token: string;
  readonly expiresAt: number;
}

/** The logins: expiring, revocable stand-ins for an access token. */
export interface Logins {
  /** Makes a login for the account and scope of a credential; durable when it resolves. */
  open(principal: Principal): Promise<NewLogin>;
  /** Whose login a token is, or undefined if it is unknown, expired or ended. */
  find(token: string): Principal | undefined;
  /** Ends a login for good; durable when it resolves. */
  end(loginId: string): Promise<void>;
  /** Calls `listener` with each login that is ended; one that expires says when from the beginning. */
  onEnd(listener: (loginId: string) => void): void;
}

/** What logins are made of. */
export interface LoginsOptions {
  /** Keeps them over restarts, hashed. */
  readonly store: KeyValueStore;
  /** @default 86_400_000 // 24 hours */
  readonly lifetimeMs?: number;
  /**
   * How many may be open; one more ends the one that would expire first.
   *
   * @default 1_000
   */
  readonly limit?: number;
  readonly now?: () => number;
}

interface LoginRecord {
  readonly account: string;
  readonly scope: Scope;
  readonly expiresAt: number;
}

const KIND = 'login';

/** Opens the logins that were made before. */
export async function openLogins(options: LoginsOptions): Promise<Logins> {
  const { store, lifetimeMs = 86_400_000, limit = 1_000, now = Date.now } = options;
  const records = new Map<string, LoginRecord>();
  const listeners: ((loginId: string) => void)[] = [];
  const kept = (await store.list(KIND)).flatMap(({ key, value }) => (isRecord(value) ? [{ key, value }] : []));
  for (const { key, value } of kept.sort((a, b) => a.value.expiresAt - b.value.expiresAt)) records.set(key, value);

  const end = async (loginId: string) => {
    records.delete(loginId);
    for (const listener of listeners) listener(loginId);
    await store.delete(KIND, loginId);
  };

  // In the order of their making, which is that of their expiry.
  const makeRoom = async () => {
    for (const [loginId, { expiresAt }] of records) {
      if (expiresAt > now() && records.size < limit) return;
      await end(loginId);
    }
  };

  return {
    async open({ account, scope }) {
      await makeRoom();
      const token = makeToken('parley_login_');
      const record = { account, scope, expiresAt: now() + lifetimeMs };
      await store.put(KIND, hashToken(token), record, record.expiresAt);
      records.set(hashToken(token), record);
      return { token, expiresAt: record.expiresAt };
    },

    find(token) {
      const loginId = hashToken(token);
      const record = records.get(loginId);
      return record && record.expiresAt > now() ? { ...record, loginId } : undefined;
    },

    end,

    onEnd(listener) {
      listeners.push(listener);
    },
  };
}

/** How a token is kept and compared: secrets of 256 bits need no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
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
    typeof value.expiresAt === 'number'
  );
}
