import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Address, Served } from '../shared/serve.js';
import { serveForTest } from '../shared/serve-for-test.js';

/** The memory of a server, in bytes. */
export interface Held {
  /** Of JavaScript objects and buffers, garbage collected. */
  readonly heap: number;
  /** Of the process as the kernel counts it (VmRSS). */
  readonly rss: number;
}

/** A `parley serve` with measurements. */
export interface ServerUnderFire extends Served, Address {
  readonly project: string;
  /** Everything that it has printed on stderr, except for memory measurements: the errors of its log. */
  readonly said: readonly string[];
  /** Collects its garbage and measures. */
  measure(): Promise<Held>;
  /** How many files, sockets and pipes it has open. */
  handles(): Promise<number>;
  /** Waits until at most this many are open, for 20 seconds at most. Resolves with how many are open. */
  settle(handles: number): Promise<number>;
}

/** Starts the command with the demo agent, in temporary folders for the test. */
export async function startUnderFire(limits: Readonly<Record<string, number>>): Promise<ServerUnderFire> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-fuzz-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const project = join(folder, 'project');
  await mkdir(project);
  const said: string[] = [];
  let told: ((held: { heapUsed: number; external: number }) => void) | undefined;
  let rest = '';
  const server = await serveForTest({
    ...{ root: project, dataDir: join(folder, 'data') },
    config: { agents: [{ name: 'demo', preset: 'demo' }], limits },
    env: {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'collect-garbage.mjs')}`,
      ...{ PARLEY_LOG_LEVEL: 'error', PARLEY_DEMO_PACE: '5' },
    },
    stderr(text) {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('{"memory"')) told?.(JSON.parse(line).memory);
        else said.push(line);
      }
    },
  });
  const { pid } = server;
  const handles = async () => (await readdir(`/proc/${pid}/fd`)).length;

  return {
    ...server,
    project,
    said,
    handles,

    async measure() {
      const measured = new Promise<{ heapUsed: number; external: number }>((resolve) => {
        told = resolve;
      });
      process.kill(pid, 'SIGUSR2');
      const { heapUsed, external } = await measured;
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const [, kilobytes = ''] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
      return { heap: heapUsed + external, rss: Number(kilobytes) * 1_024 };
    },

    async settle(most) {
      const deadline = Date.now() + 20_000;
      let open = await handles();
      // There is no event for when the kernel has closed the last one.
      while (open > most && Date.now() < deadline) {
        await pause(50);
        open = await handles();
      }
      return open;
    },
  };
}
