import { timingSafeEqual } from 'node:crypto';
import { type FSWatcher, mkdirSync, readFileSync, watch } from 'node:fs';
import { ServiceError } from '@parleyhq/contract';
import type { Logger } from 'pino';
import { isMissing } from '../files/is-missing.js';
import { hashToken } from './hash-token.js';
import type { Principal } from './principal.js';
import { fileOf } from './token-folder.js';
import { parseTokenRecord, type TokenRecord } from './token-record.js';

/**
 * The tokens of accounts, as a running server sees them. A token ends when its file is gone or its time has passed, and for no
 * other reason: while its file cannot be read, for example because no file can be opened, it is what it was before.
 */
export interface Tokens {
  /**
   * Whose token it is, or undefined if it is unknown, expired or revoked.
   *
   * @throws ServiceError `Unavailable` while its file cannot be read and it was not found before.
   */
  find(token: string): Principal | undefined;
  /** Whether the token with this id is still valid. @throws ServiceError `Unavailable`, as `find` does. */
  isGood(tokenId: string): boolean;
  /** Calls `listener` with each token that was valid before and has now been revoked or has expired. */
  onEnd(listener: (tokenId: string) => void): void;
  /** Stops watching for ended tokens. */
  close(): void;
}

/** Where the tokens are. */
export interface TokensOptions {
  /** The folder with one file for each token; created if it does not exist. */
  readonly folder: string;
  readonly logger: Logger;
  /**
   * Milliseconds between two checks for tokens that have ended: the file system does not report an expiry, nor every change.
   *
   * @default 1_000 // 1 second
   */
  readonly lookEvery?: number | undefined;
  readonly now?: () => number;
}

const SHAPE = /^parley_[A-Za-z0-9_-]{43}$/;
const UNREADABLE = 'The tokens cannot be read now.';

/**
 * Looks tokens up in their folder, which other processes write. Each use reads the file, so a token that a command creates or
 * revokes counts at once. The read is small, and synchronous so that submissions of a socket keep their order. A token is
 * found by its hash, so the time of the comparison reveals nothing about it.
 */
export function openTokens({ folder, logger, lookEvery = 1_000, now = Date.now }: TokensOptions): Tokens {
  const listeners: ((tokenId: string) => void)[] = [];
  /** The tokens that were valid when they were last read: their end must be reported. */
  const seen = new Map<string, TokenRecord>();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const watcher = watchFolder(folder, look, (err) =>
    logger.warn({ err }, 'the folder of tokens cannot be watched; it is checked at intervals only'),
  );
  const timer = setInterval(look, lookEvery);
  timer.unref();

  /** The record of a token, unless it has ended, or its file holds something else and is not accepted. */
  function read(id: string): TokenRecord | 'ended' | 'wrong' {
    let record: TokenRecord;
    try {
      record = parseTokenRecord(readFileSync(fileOf(folder, id), 'utf8'), id);
    } catch (err) {
      if (isMissing(err)) return 'ended';
      if (!(err instanceof Error && 'code' in err)) {
        logger.warn({ err, token_id: id }, 'the file of a token holds something else; the token is not accepted');
        return 'wrong';
      }
      logger.warn({ err, token_id: id }, 'the file of a token cannot be read now; what it was before counts');
      const before = seen.get(id);
      if (before === undefined) throw new ServiceError('Unavailable', UNREADABLE, { retryAfter: 1, cause: err });
      // Without this: takes a token for revoked while no file can be opened
      record = before;
    }
    return record.expires_at === null || record.expires_at > now() ? record : 'ended';
  }

  function look(): void {
    for (const id of seen.keys()) {
      if (read(id) !== 'ended') continue;
      seen.delete(id);
      for (const listener of listeners) listener(id);
    }
  }

  return {
    find(token) {
      if (!SHAPE.test(token)) return undefined;
      const hash = hashToken(token);
      const record = read(hash.slice(0, 16));
      if (typeof record === 'string' || !timingSafeEqual(Buffer.from(record.hash), Buffer.from(hash))) return undefined;
      const { id: tokenId, account, scope, expires_at: expiresAt } = record;
      seen.set(tokenId, record);
      return { account, scope, expiresAt, tokenId };
    },

    isGood(tokenId) {
      const record = read(tokenId);
      if (typeof record === 'string') return false;
      seen.set(tokenId, record);
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

/** Watches for changes, if the system can. Some cannot, and a watch may fail later: `onTrouble` is called then. */
function watchFolder(folder: string, onChange: () => void, onTrouble: (error: unknown) => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onChange).on('error', onTrouble);
  } catch (error) {
    onTrouble(error);
    return undefined;
  }
}
