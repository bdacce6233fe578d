import { join } from 'node:path';
import { answerCalls } from '../process.mjs';
import { floodAgent } from './relay.mjs';

// Parley as `parley serve` runs it: the log is on the disk, every frame and answer is validated, each request is
// logged. The second argument is the file of another build of the server.

const [folder = '', file = '@parleyhq/server'] = process.argv.slice(2);
/** @type {typeof import('@parleyhq/server')} */
const { createLogger, createServer } = await import(file);
const server = await createServer({
  dataDir: join(folder, `parley-${process.pid}`),
  port: 0,
  roots: [folder],
  agents: [{ name: 'flood', command: process.execPath, args: [floodAgent] }],
  defaultAgent: 'flood',
  limits: { maxConnectionsPerSession: 2_000 },
  logger: createLogger('info'),
});
const { url } = await server.listen();

answerCalls({ address: () => ({ url, token: server.token, dataDir: server.dataDir }) }, () => server.close());
