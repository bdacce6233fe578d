import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { serveForTest } from '../shared/serve-for-test.js';

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
  const { url, token } = await serveForTest({
    ...{ root: project, dataDir: join(folder, 'data') },
    config: { agents: [{ name: 'demo', in_memory: true }] },
    env: { PARLEY_LOG_LEVEL: 'error', PARLEY_DEMO_PACE: '1' },
  });
  return { url, token, project };
}

/** A folder that goes when the test has finished. */
export async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-judges-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}
