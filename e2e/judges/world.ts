import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startParley } from '../faults/parley-process.js';

/** A real `parley serve` with the demo agent, and a project for it. */
export interface World {
  readonly url: string;
  readonly token: string;
  readonly project: string;
}

/** Starts the server of one test; it ends with the test. */
export async function startWorld(): Promise<World> {
  const folder = await makeFolder();
  const project = join(folder, 'project');
  await mkdir(project);
  const agent = { name: 'demo', in_memory: true };
  const env = { PARLEY_DEMO_PACE: '1' };
  const parley = await startParley({ project, dataDir: join(folder, 'data'), agent }, { env });
  const listening = await parley.listening;
  if (listening === undefined) throw new Error('parley serve was killed before it listened');
  return { url: listening.url, token: listening.token, project };
}

/** A folder that goes when the test has finished. */
export async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-judges-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}
