import { DEFAULT_DATA_DIR } from '../default-data-dir.js';

/** Describes how to connect to a server: from a shell, from Node, and with a token for others. */
export function describeConnection(server: { url: string; tokenPath: string; dataDir: string }): string[] {
  const { url, tokenPath, dataDir } = server;
  const isDefault = dataDir === DEFAULT_DATA_DIR;
  const option = isDefault ? '' : ` --data-dir ${quote(dataDir)}`;
  const argument = isDefault ? '' : `{ dataDir: ${JSON.stringify(dataDir)} }`;
  return [
    'Every request needs a token:',
    `  curl -H "Authorization: Bearer $(cat ${quote(tokenPath)})" ${url}/api/agents`,
    'In Node, the client finds the server and its token by itself:',
    `  import { createClient } from '@parleyhq/client'; const client = createClient.local(${argument});`,
    'For anybody else, create a token that expires:',
    `  parley token create${option} --account NAME --scope read --expires 30d`,
  ];
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
