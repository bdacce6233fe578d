import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PARLEY, serve, untilListening } from '../shared/serve.js';

const run = promisify(execFile);

/** A real `parley serve` with two accounts. */
export interface Server {
  readonly port: number;
  readonly token: string;
  readonly token2: string;
  /** A folder inside its root. */
  readonly project: string;
  /** Kills it with SIGKILL, and starts it again at the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the command with a temporary folder. The demo agent runs in a process for each session. */
export async function startServer(): Promise<Server> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-conformance-')));
  const [project, dataDir] = [join(folder, 'project'), join(folder, 'data')];
  await mkdir(project);
  const port = await findPort();
  const env = { PARLEY_LOG_LEVEL: 'fatal', PARLEY_DEMO_PACE: '2' };
  const start = () => serve({ root: project, dataDir, port, env });
  let server = await start();
  const { token } = await untilListening(server);
  const create = ['token', 'create', '--account', 'second', '--scope', 'control', '--data-dir', dataDir];
  const { stdout } = await run(process.execPath, [PARLEY, ...create], {
    env: { PATH: process.env.PATH, HOME: folder, ...env },
  });
  return {
    port,
    project,
    token,
    token2: stdout.trim(),
    async restart() {
      await server.kill();
      server = await start();
      await untilListening(server);
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** A free port, so that a server can be started at the same port several times. */
async function findPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}
