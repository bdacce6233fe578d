import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The owner's token and where it is kept. */
export interface AccessToken {
  readonly token: string;
  /** The file that holds it. Only its owner can read it. */
  readonly path: string;
}

const SHAPE = /^parley_[A-Za-z0-9_-]{43,}$/;

/** A new secret of 256 random bits. Its prefix, such as `parley_`, lets scanners for leaked secrets recognise it. */
export function makeToken(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

/**
 * Reads the access token of a data directory; the first start creates it. The file always gets mode 0600.
 *
 * @throws Error if the file does not hold a token: an empty or short one could be guessed.
 */
export async function openAccessToken(dataDirectory: string): Promise<AccessToken> {
  const path = join(dataDirectory, 'access-token');
  try {
    await writeFile(path, `${makeToken('parley_')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await chmod(path, 0o600);
  }
  const token = (await readFile(path, 'utf8')).trim();
  if (!SHAPE.test(token)) {
    throw new Error(
      `${path}: expected an access token (parley_ and 43 characters or more); delete the file to get a new one`,
    );
  }
  return { token, path };
}
