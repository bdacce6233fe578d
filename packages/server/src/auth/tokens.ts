import { timingSafeEqual } from 'node:crypto';
import { type FSWatcher, mkdirSync, readFileSync, watch } from 'node:fs';
import type { Logger } from 'pino';
import { hashToken } from './hash-token.js';
import type { Principal } from './principal.js';
import { fileOf, isMissing } from './token-folder.js';
import { parseTokenRecord } from './token-record.js';

/** The tokens that were made for accounts, as a running server sees them. */
export interface Tokens {
  /** Whose token it is, or undefined if it is unknown, expired or revoked. */
  find(token: string): Principal | undefined;
  /** Whether a token of this id is still good. */
  isGood(tokenId: string): boolean;
  /** Calls `listener` with each token that has ended, revoked or expired, since it was found good. */
  onEnd(listener: (tokenId: string) => void): void;
  /** Looks no longer. */
  close(): void;
}

/** Where the tokens are. */
export interface TokensOptions {
  /** One file for each token; made if it is not there. */
  readonly folder: string;
  readonly logger: Logger;
  /**
   * Milliseconds between looks for tokens that have expired, or whose end the system has not told.
   *
   * @default 1_000 // 1 second
   */
  readonly lookEvery?: number | undefined;
  readonly now?: () => number;
}

const SHAPE = /^parley_[A-Za-z0-9_-]{43}$/;

/**
 * Looks tokens up in their folder, which other processes write: each use reads the file, so that what a command has made
 * or revoked counts from then on. The read is synchronous and small; submissions of a socket keep their order. A token is
 * found by its hash, so that the time of a comparison tells nothing of it.
 */
export function openTokens({ folder, logger, lookEvery = 1_000, now = Date.now }: TokensOptions): Tokens {
  const listeners: ((tokenId: string) => void)[] = [];
  /** The tokens that were found good, so that their end can be told. */
  const seen = new Set<string>();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const watcher = watchFolder(folder, look, (err) => logger.warn({ err }, 'tokens are looked at by the clock alone'));
  const timer = setInterval(look, lookEvery);
  timer.unref();

  function read(id: string) {
    try {
      const record = parseTokenRecord(readFileSync(fileOf(folder, id), 'utf8'), id);
      return record.expires_at === null || record.expires_at > now() ? record : undefined;
    } catch (error) {
      if (!isMissing(error))
        logger.warn({ err: error, token_id: id }, 'a token cannot be read, and is good for nothing');
      return undefined;
    }
  }

  function look(): void {
    for (const id of seen) {
      if (read(id)) continue;
      seen.delete(id);
      for (const listener of listeners) listener(id);
    }
  }

  return {
    find(token) {
      if (!SHAPE.test(token)) return undefined;
      const hash = hashToken(token);
      const record = read(hash.slice(0, 16));
      if (!record || !timingSafeEqual(Buffer.from(record.hash), Buffer.from(hash))) return undefined;
      const { id: tokenId, account, scope, expires_at: expiresAt } = record;
      seen.add(tokenId);
      return { account, scope, expiresAt, tokenId };
    },

    isGood(tokenId) {
      if (!read(tokenId)) return false;
      seen.add(tokenId);
      return true;
    },

    onEnd(listener) {
      listeners.push(listener);
    },

    close() {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

/** Tells of changes at once where the system can; it cannot everywhere, and not without end. */
function watchFolder(folder: string, onChange: () => void, onTrouble: (error: unknown) => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onChange).on('error', onTrouble);
  } catch (error) {
    onTrouble(error);
    return undefined;
  }
}
