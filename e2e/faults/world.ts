import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerOptions } from '@parleyhq/server';
import { onTestFinished } from 'vitest';

/** The folders of one test. */
export interface World {
  /** The folder that sessions work in. */
  readonly project: string;
  readonly dataDir: string;
  /** For the server's configuration: the agent of scripted-agent.mjs. */
  readonly agent: NonNullable<ServerOptions['agents']>[number];
  /** The file in which the agents note what they get. */
  journal(): Promise<{ keys: string[]; pids: number[] }>;
}

/** Creates the folders of a test. When it has finished, they are removed and the agents are ended. */
export async function makeWorld(): Promise<World> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-faults-')));
  const project = join(folder, 'project');
  const file = join(folder, 'journal');
  await mkdir(project);
  const journal = async () => {
    const text = await readFile(file, 'utf8').catch(() => '');
    const lines: { key?: string; started?: number }[] = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    return { keys: lines.flatMap(({ key }) => key ?? []), pids: lines.flatMap(({ started }) => started ?? []) };
  };
  onTestFinished(async () => {
    for (const pid of (await journal()).pids) if (await isRunning(pid)) process.kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  const agent = {
    name: 'scripted',
    command: process.execPath,
    args: [join(import.meta.dirname, 'scripted-agent.mjs'), file, String(process.pid)],
  };
  return { project, dataDir: join(folder, 'data'), agent, journal };
}

/** Whether one of the test's agents runs with this id. A zombie does not count. */
export async function isRunning(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes('scripted-agent.mjs');
}
