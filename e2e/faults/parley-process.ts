import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { World } from './world.js';

const BIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'parley.js');

/** A `parley serve` in a separate process. */
export interface ParleyProcess {
  readonly pid: number;
  /** Resolves with its address when it listens, or with undefined if it was killed before. */
  readonly listening: Promise<{ url: string; port: number; token: string } | undefined>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Asks it to end; resolves with its exit code. */
  close(): Promise<number | null>;
}

/** Settings of one test that differ from the default. */
export interface ParleySettings {
  readonly env?: NodeJS.ProcessEnv;
  /** As the configuration file names them. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Gets its output on stderr. Default: it is shown. */
  readonly say?: (text: string) => void;
}

/** Starts the command on a free port, with the data and the agent of a world. What it says on stderr is shown. */
export async function startParley(
  { project, dataDir, agent }: Pick<World, 'project' | 'dataDir' | 'agent'>,
  { env: settings = {}, limits = {}, say }: ParleySettings = {},
): Promise<ParleyProcess> {
  const config = `${dataDir}.yaml`;
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({ agents: [agent], agent: agent.name, limits: { max_connections_per_session: 200, ...limits } }),
  );
  const args = ['serve', '--port', '0', '--root', project, '--data-dir', dataDir, '--config', config];
  const env = { PATH: process.env.PATH, HOME: project, PARLEY_LOG_LEVEL: 'error', ...settings };
  const child = spawn(process.execPath, [BIN, ...args], {
    env,
    stdio: ['ignore', 'pipe', say === undefined ? 'inherit' : 'pipe'],
  });
  if (say !== undefined) child.stderr?.setEncoding('utf8').on('data', say);
  const { pid } = child;
  if (pid === undefined) throw new Error('parley serve could not be started');
  const exited: Promise<[number | null]> = once(child, 'exit') as Promise<[number | null]>;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  onTestFinished(async () => void (await end('SIGKILL')));
  const listening = readUrl(child).then(async (url) => {
    if (url === undefined) return undefined;
    const token = (await readFile(join(dataDir, 'access-token'), 'utf8')).trim();
    return { url, port: Number(new URL(url).port), token };
  });
  return { pid, listening, kill: async () => void (await end('SIGKILL')), close: () => end('SIGTERM') };
}

/** The address that the command prints; undefined if it was killed. */
function readUrl(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (piece) => {
      output += piece;
      const [url] = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(output) ?? [];
      if (url) resolve(url);
    });
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined);
      else reject(new Error(`parley serve ended with ${code}: ${output}`));
    });
  });
}
