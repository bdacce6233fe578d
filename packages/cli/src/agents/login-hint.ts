import type { Client } from '@parleyhq/client';
import { readAgents } from './list-agents.js';

/**
 * What to type to log in to an agent, a line for each method that needs a person; empty if there is none.
 *
 * @param agent The default agent of the server, if undefined.
 * @param options Further words of the command.
 */
export async function loginHint(
  client: Client,
  agent: string | undefined,
  options: readonly string[],
): Promise<string> {
  // It is only a hint: the error that it belongs to is told anyway.
  const agents = await readAgents(client).catch(() => []);
  const found = agents.find(({ name, default: isDefault }) => (agent === undefined ? isDefault : name === agent));
  const methods = found?.login_methods?.filter(({ kind }) => kind === 'agent') ?? [];
  return methods
    .map(({ id }) => ['parley', 'agents', 'login', found?.name ?? '', '--method', id, ...options].map(quote).join(' '))
    .map((command) => `\nLog in with: ${command}`)
    .join('');
}

/** A word for a shell. An agent names its methods as it likes. */
function quote(word: string): string {
  // Without this: has a user paste what an agent wrote into a shell
  return /^[\w.:/=@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
