import { stat } from 'node:fs/promises';
import { createToken, type TokenRequest } from '@parleyhq/server';
import { EXIT, ExitError } from '../exit-error.js';
import { describeToken } from './describe-token.js';
import type { TokenFlags } from './token-flags.js';

/** The options of `parley token create`. */
export interface CreateFlags extends TokenFlags {
  readonly account: string;
  readonly scope: TokenRequest['scope'];
  readonly name?: string;
  /** When it expires, in milliseconds since the epoch. */
  readonly expires?: number;
}

/** Creates a token. Prints only the token on standard output and a description on standard error, or both as JSON. */
export async function create({ dataDir, account, scope, name, expires: expiresAt, json }: CreateFlags): Promise<void> {
  await requireDataDirectory(dataDir);
  const { token, record } = await createToken(dataDir, { account, scope, name, expiresAt }).catch((error: Error) => {
    const option = /^(account|name|expires): /.test(error.message);
    throw option ? new ExitError(EXIT.usage, `--${error.message}`) : error;
  });
  if (json) {
    process.stdout.write(`${JSON.stringify({ token, ...describeToken(record) })}\n`);
    return;
  }
  process.stdout.write(`${token}\n`);
  const end = record.expires_at === null ? 'it never expires' : `until ${new Date(record.expires_at).toISOString()}`;
  process.stderr.write(
    `Token ${record.id} of account ${account}, scope ${scope}, ${end}. It is shown only once; parley token revoke ${record.id} ends it.\n`,
  );
}

// Otherwise a misspelt folder would get tokens that no server knows.
async function requireDataDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new ExitError(
    EXIT.usage,
    `--data-dir: expected the data directory of a server, got ${path}; the first parley serve creates it`,
  );
}
