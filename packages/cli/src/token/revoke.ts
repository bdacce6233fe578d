import { revokeToken } from '@parleyhq/server';
import { EXIT, ExitError } from '../exit-error.js';
import { createScreen } from '../terminal/screen.js';
import type { TokenFlags } from './token-flags.js';

/**
 * Revokes tokens. An unknown id does not stop the others.
 *
 * @throws ExitError if there is no token with one of the ids.
 */
export async function revoke(ids: readonly string[], { dataDir, json }: TokenFlags): Promise<void> {
  const screen = createScreen(process.stdout);
  const unknown: string[] = [];
  for (const id of ids) {
    const revoked = await revokeToken(dataDir, id);
    if (json) process.stdout.write(`${JSON.stringify({ id, revoked })}\n`);
    else if (revoked) screen.line(`${id} revoked`);
    if (!revoked) unknown.push(id);
  }
  if (unknown.length === 0) return;
  throw new ExitError(EXIT.usage, `no token ${unknown.join(', ')} in ${dataDir}; parley token list shows the ids`);
}
