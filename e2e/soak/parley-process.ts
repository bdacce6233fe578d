import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const BIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'parley.js');
const PROBE = pathToFileURL(join(import.meta.dirname, 'memory-probe.mjs')).href;

/** A `parley serve` in a separate process, with the in-memory demo agent and all limits at their defaults. */
export interface ParleyProcess {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** A folder that sessions may work in. */
  readonly project: string;
  /** Bytes reachable in the heap, after a full collection. */
  liveHeap(): Promise<number>;
  /** Warnings and errors so far, one per line. */
  log(): Promise<string>;
  /** Asks it to end; resolves with its exit code. */
  close(): Promise<number | null>;
}

/** Starts the command on a free port; it ends with the test, and its folders go. `paceMs` is between two pieces of an answer. */
export async function startParley(paceMs: number): Promise<ParleyProcess> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-soak-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const [project, dataDir] = [join(folder, 'project'), join(folder, 'data')];
  const [config, logFile] = [join(folder, 'parley.yaml'), join(folder, 'log')];
  await mkdir(project);
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ agents: [{ name: 'demo', in_memory: true }] }));
  const args = ['serve', '--port', '0', '--root', project, '--data-dir', dataDir, '--config', config];
  const env = { PATH: process.env.PATH, HOME: project, PARLEY_LOG_LEVEL: 'warn', PARLEY_DEMO_PACE: String(paceMs) };
  const child = spawn(process.execPath, ['--expose-gc', '--import', PROBE, BIN, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) throw new Error('parley serve could not be started');
  stderr.pipe(createWriteStream(logFile));
  const log = () => readFile(logFile, 'utf8');
  const exited = once(child, 'exit') as Promise<[number | null]>;
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    stdout.on('data', (piece) => {
      output += piece;
      const [found] = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(output) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', async (code) => reject(new Error(`parley serve ended with ${code}: ${await log()}`)));
  });
  return {
    ...{ pid, url, project, log },
    token: (await readFile(join(dataDir, 'access-token'), 'utf8')).trim(),
    async liveHeap() {
      const answered = once(child, 'message') as Promise<[NodeJS.MemoryUsage]>;
      child.send('memory');
      const [{ heapUsed, external }] = await answered;
      return heapUsed + external;
    },
    async close() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}
