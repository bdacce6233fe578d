import type { ParleyServer } from '@parleyhq/server';
import { describeConnection } from '../token/describe-connection.js';

/** What is printed when a server has started. The token is a secret: show it only on a terminal, never in a log. */
export async function describeServer(
  server: ParleyServer,
  url: string,
  { showToken }: { showToken: boolean },
): Promise<string> {
  const agents = await Promise.all(server.agents.list().map(({ name }) => describeAgent(server, name)));
  const lines = [
    `Parley is listening at ${url}`,
    '',
    `  Data    ${server.dataDir}`,
    `  Roots   ${server.roots.join('\n          ')}`,
    `  Agents  ${agents.join('\n          ')}`,
    `  Token   ${showToken ? `${server.token}\n          kept in ${server.tokenPath}` : `in ${server.tokenPath}`}`,
    ...server.warnings.map((warning) => `\nWarning: ${warning}`),
    '',
    ...describeConnection({ url, tokenPath: server.tokenPath, dataDir: server.dataDir }),
    `The contract is at ${url}/api/openapi.yaml and ${url}/api/asyncapi.yaml. Ctrl-C ends the server.`,
  ];
  return `${lines.join('\n')}\n`;
}

async function describeAgent({ agents, defaultAgent }: ParleyServer, name: string): Promise<string> {
  const availability = await agents.availability(name);
  const mark = name === defaultAgent ? ' (default)' : '';
  return `${name}${mark}: ${availability.available ? 'ready' : availability.reason}`;
}
