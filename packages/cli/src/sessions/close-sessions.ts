import { type Client, ServiceError } from '@parleyhq/client';
import { ExitError } from '../exit-error.js';
import { printError } from '../print-error.js';
import { explainServerError } from '../server-access.js';
import { createScreen } from '../terminal/screen.js';

/**
 * Closes sessions one after another. A session that cannot be closed does not stop the others.
 *
 * @throws ExitError if one could not be closed.
 */
export async function closeSessions(client: Client, ids: readonly string[], purge: boolean): Promise<void> {
  const screen = createScreen(process.stdout);
  let failure: ExitError | undefined;
  for (const id of ids) {
    try {
      const session = await client.sessions.get(id);
      await session.close({ purge });
      screen.line(`${session.id} ${purge ? 'purged' : 'closed'}`);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const explained = explainServerError(error);
      if (!(explained instanceof ExitError)) throw error;
      if (failure !== undefined) printError(failure.message);
      failure = explained;
    }
  }
  if (failure !== undefined) throw failure;
}
