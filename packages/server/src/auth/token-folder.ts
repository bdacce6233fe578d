import { chown, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '@parleyhq/contract';
import { isMissing } from '../files/is-missing.js';
import { syncFolder, writeWhole } from '../files/write-whole.js';
import { makeToken } from './access-token.js';
import { hashToken } from './hash-token.js';
import { ACCOUNT, parseTokenRecord, TOKEN_ID, type TokenRecord } from './token-record.js';

/** The properties of a new token. */
export interface TokenRequest {
  readonly account: string;
  readonly scope: Scope;
  readonly name?: string | undefined;
  /** Milliseconds since the epoch. @default never */
  readonly expiresAt?: number | undefined;
}

/** A token that was just created. */
export interface NewToken {
  /** The secret itself. It is not stored anywhere. */
  readonly token: string;
  readonly record: TokenRecord;
}

/** The folder of a data directory that has one small file for each token. */
export function tokenFolderOf(dataDirectory: string): string {
  return join(dataDirectory, 'tokens');
}

/**
 * Creates a token in a data directory, whether a server is running on it or not. The token is durable and valid when this
 * resolves.
 *
 * @throws Error for a data directory that does not exist, an invalid account or name, or an expiry in the past.
 */
export async function createToken(dataDirectory: string, request: TokenRequest): Promise<NewToken> {
  const { account, scope, name = null, expiresAt = null } = request;
  const now = Date.now();
  if (!ACCOUNT.test(account)) {
    throw new Error(`account: expected 1 to 64 letters, digits and . _ @ -, got ${JSON.stringify(account)}`);
  }
  if (name !== null && name.length > 128) throw new Error(`name: expected at most 128 characters, got ${name.length}`);
  if (expiresAt !== null && expiresAt <= now) {
    throw new Error(`expires: expected a time in the future, got ${new Date(expiresAt).toISOString()}`);
  }
  const owner = await stat(dataDirectory);
  const folder = tokenFolderOf(dataDirectory);
  await mkdir(folder, { mode: 0o700, recursive: true });
  const token = makeToken('parley_');
  const hash = hashToken(token);
  const record = { id: hash.slice(0, 16), hash, name, account, scope, created_at: now, expires_at: expiresAt };
  const path = fileOf(folder, record.id);
  await writeWhole(path, `${JSON.stringify(record)}\n`);
  // If root creates the token, the server of another user could not read the file.
  if (process.getuid?.() === 0) for (const made of [folder, path]) await chown(made, owner.uid, owner.gid);
  return { token, record };
}

/**
 * The tokens of a data directory, oldest first. Expired ones are included.
 *
 * @throws Error naming a file that does not hold a token.
 */
export async function listTokens(dataDirectory: string): Promise<readonly TokenRecord[]> {
  const folder = tokenFolderOf(dataDirectory);
  const files = await readdir(folder).catch(emptyIfMissing);
  const ids = files.flatMap((file) => idOf(file) ?? []);
  const records = await Promise.all(ids.map((id) => readToken(folder, id)));
  return records
    .filter((record) => record !== undefined)
    .sort((a, b) => a.created_at - b.created_at || a.id.localeCompare(b.id));
}

/**
 * Ends a token for good. A running server closes its sockets (4401) and ends its logins.
 *
 * @returns whether there was one.
 */
export async function revokeToken(dataDirectory: string, id: string): Promise<boolean> {
  if (!TOKEN_ID.test(id)) return false;
  const folder = tokenFolderOf(dataDirectory);
  try {
    await rm(fileOf(folder, id));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  await syncFolder(folder);
  return true;
}

/** The file of a token. */
export function fileOf(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

async function readToken(folder: string, id: string): Promise<TokenRecord | undefined> {
  const path = fileOf(folder, id);
  try {
    return parseTokenRecord(await readFile(path, 'utf8'), id);
  } catch (error) {
    // It has just been revoked.
    if (isMissing(error)) return undefined;
    throw new Error(`${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function emptyIfMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}

function idOf(file: string): string | undefined {
  const id = file.endsWith('.json') ? file.slice(0, -'.json'.length) : '';
  return TOKEN_ID.test(id) ? id : undefined;
}
