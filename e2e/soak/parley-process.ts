import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Address, Served } from '../shared/serve.js';
import { serveForTest } from '../shared/serve-for-test.js';

const PROBE = pathToFileURL(join(import.meta.dirname, 'memory-probe.mjs')).href;

/** A `parley serve` in a separate process, with the in-memory demo agent and all limits at their defaults. */
export interface ParleyProcess extends Served, Address {
  /** A folder that sessions may work in. */
  readonly project: string;
  /** Bytes reachable in the heap, after a full collection. */
  liveHeap(): Promise<number>;
  /** Warnings and errors so far, one per line. */
  log(): string;
}

/** Starts the command on a free port; it ends with the test, and its folders go. `paceMs` is between two pieces of an answer. */
export async function startParley(paceMs: number): Promise<ParleyProcess> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-soak-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const project = join(folder, 'project');
  await mkdir(project);
  let log = '';
  const server = await serveForTest({
    ...{ root: project, dataDir: join(folder, 'data') },
    config: { agents: [{ name: 'demo', in_memory: true }] },
    env: { PARLEY_LOG_LEVEL: 'warn', PARLEY_DEMO_PACE: String(paceMs) },
    nodeArgs: ['--expose-gc', '--import', PROBE],
    ipc: true,
    stderr(text) {
      log += text;
    },
  });
  return {
    ...server,
    project,
    log: () => log,
    async liveHeap() {
      const answered = once(server.child, 'message') as Promise<[NodeJS.MemoryUsage]>;
      server.child.send('memory');
      const [{ heapUsed, external }] = await answered;
      return heapUsed + external;
    },
  };
}
