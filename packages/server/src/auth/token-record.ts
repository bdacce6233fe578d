import type { Scope } from '@parleyhq/contract';

/** What is stored about the token of an account; never the token itself. */
export interface TokenRecord {
  /** The first 16 hexadecimal digits of the hash. The file has the same name. */
  readonly id: string;
  /** SHA-256 of the token, hexadecimal. */
  readonly hash: string;
  /** The name that its creator gave it, if any. */
  readonly name: string | null;
  /** The account whose sessions it gives access to. */
  readonly account: string;
  readonly scope: Scope;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
  /** When it expires, in milliseconds since the epoch; null for never. */
  readonly expires_at: number | null;
}

/** The form of the ids of tokens. */
export const TOKEN_ID = /^[0-9a-f]{16}$/;

/** The form of the names of accounts. They are shown in tables and logs. */
export const ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

/**
 * Reads the file of a token.
 *
 * @throws Error saying what was expected and what was got.
 */
export function parseTokenRecord(text: string, id: string): TokenRecord {
  const record: unknown = JSON.parse(text);
  const fields: Partial<Record<keyof TokenRecord, unknown>> = Object(record);
  const { hash, name, account, scope, created_at, expires_at } = fields;
  if (fields.id !== id) throw wrong('id', id, fields.id);
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash) || !hash.startsWith(id)) {
    throw wrong('hash', `64 hexadecimal digits that begin with ${id}`, hash);
  }
  if (name !== null && typeof name !== 'string') throw wrong('name', 'a text or null', name);
  if (typeof account !== 'string' || !ACCOUNT.test(account)) throw wrong('account', 'the name of an account', account);
  if (scope !== 'read' && scope !== 'control') throw wrong('scope', 'read or control', scope);
  if (typeof created_at !== 'number') throw wrong('created_at', 'milliseconds since the epoch', created_at);
  if (expires_at !== null && typeof expires_at !== 'number') {
    throw wrong('expires_at', 'milliseconds since the epoch or null', expires_at);
  }
  return { id, hash, name, account, scope, created_at, expires_at };
}

function wrong(field: string, expected: string, value: unknown): Error {
  return new Error(`${field}: expected ${expected}, got ${JSON.stringify(value)}`);
}
