import { listTokens } from '@parleyhq/server';
import { createScreen } from '../terminal/screen.js';
import { showTable } from '../terminal/show-table.js';
import { describeToken } from './describe-token.js';
import type { TokenFlags } from './token-flags.js';

/**
 * Prints the tokens as a table, or as one line of JSON each. The secrets themselves are not stored, so they are not
 * shown.
 */
export async function list({ dataDir, json }: TokenFlags): Promise<void> {
  const tokens = await listTokens(dataDir);
  if (json) {
    for (const token of tokens) process.stdout.write(`${JSON.stringify(describeToken(token))}\n`);
    return;
  }
  const screen = createScreen(process.stdout);
  if (tokens.length === 0) return screen.line('No tokens except the access token of the owner.');
  const now = Date.now();
  const rows = tokens.map(({ id, account, scope, created_at, expires_at, name }) => [
    id,
    account,
    scope,
    dateOf(created_at),
    expires_at === null ? 'never' : expires_at > now ? dateOf(expires_at) : 'expired',
    name ?? '',
  ]);
  showTable(screen, ['ID', 'ACCOUNT', 'SCOPE', 'CREATED', 'EXPIRES', 'NAME'], rows);
}

/** A time in UTC to the minute, for example `2030-01-31 09:00Z`. */
function dateOf(time: number): string {
  return new Date(time).toISOString().replace(/T(\d\d:\d\d).*/, ' $1Z');
}
