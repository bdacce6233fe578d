import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger, createServer } from '@parleyhq/server';
import { answerCalls } from '../process.mjs';

// Parley as `parley serve` runs it: the log on the disk, every frame and answer validated, each request logged.

const [folder = ''] = process.argv.slice(2);
const server = await createServer({
  dataDir: join(folder, 'parley'),
  port: 0,
  roots: [folder],
  agents: [
    { name: 'flood', command: process.execPath, args: [fileURLToPath(new URL('../flood-agent.mjs', import.meta.url))] },
  ],
  defaultAgent: 'flood',
  limits: { maxConnectionsPerSession: 2_000 },
  logger: createLogger('info'),
});
const { url } = await server.listen();

answerCalls({ address: () => ({ url, token: server.token }) }, () => server.close());
