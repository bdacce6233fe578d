import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'parley.js');
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
  const args = ['serve', '--port', `${port}`, '--root', project, '--data-dir', dataDir];
  const env = { PATH: process.env.PATH, HOME: folder, PARLEY_LOG_LEVEL: 'fatal', PARLEY_DEMO_PACE: '2' };
  let child = await start(args, env);
  const create = ['token', 'create', '--account', 'second', '--scope', 'control', '--data-dir', dataDir];
  const { stdout } = await run(process.execPath, [BIN, ...create], { env });
  return {
    port,
    project,
    token: (await readFile(join(dataDir, 'access-token'), 'utf8')).trim(),
    token2: stdout.trim(),
    async restart() {
      await stop(child, 'SIGKILL');
      child = await start(args, env);
    },
    async close() {
      await stop(child, 'SIGTERM');
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

async function start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (piece) => {
      output += piece;
      if (/http:\/\/127\.0\.0\.1:\d+\s/.test(output)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`parley serve ended with ${code}: ${output}`)));
  });
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  child.kill(signal);
  await exited;
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
