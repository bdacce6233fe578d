import { type AgentDescription, type Client, ServiceError } from '@parleyhq/client';
import { createScreen } from '../terminal/screen.js';
import { showTable } from '../terminal/show-table.js';

/** The agents of a server. @throws ServiceError */
export async function readAgents(client: Client, signal?: AbortSignal): Promise<readonly AgentDescription[]> {
  const { data, error } = await client.http.GET('/api/agents', signal ? { signal } : {});
  if (error) throw ServiceError.fromData(error);
  return data.agents;
}

/** Prints the agents as a table, or as one line of JSON each. */
export async function listAgents(client: Client, json: boolean): Promise<void> {
  const agents = await readAgents(client);
  if (json) {
    for (const agent of agents) process.stdout.write(`${JSON.stringify(agent)}\n`);
    return;
  }
  const rows = agents.map(({ name, default: isDefault, available, capabilities = [], ...agent }) => [
    isDefault ? `${name} (default)` : name,
    available ? 'yes' : 'no',
    capabilities.join(', '),
    available ? (agent.login_methods ?? []).map(({ id }) => id).join(', ') : (agent.reason ?? ''),
  ]);
  showTable(createScreen(process.stdout), ['NAME', 'STARTS', 'CAN', 'LOGIN, OR WHY IT DOES NOT START'], rows);
}
