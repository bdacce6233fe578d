import { onTestFinished } from 'vitest';
import { type Served, type ServeOptions, serve } from '../shared/serve.js';
import type { World } from './world.js';

/** Settings of one test that differ from the default. */
export interface ParleySettings extends Pick<ServeOptions, 'env' | 'stderr'> {
  /** As the configuration file names them. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** Starts `parley serve` with the data and the agent of a world. It is killed when the test has finished. */
export async function startParley(
  { project, dataDir, agent }: World,
  { env = {}, limits = {}, stderr }: ParleySettings = {},
): Promise<Served> {
  const parley = await serve({
    ...{ root: project, dataDir, stderr },
    config: { agents: [agent], agent: agent.name, limits: { max_connections_per_session: 200, ...limits } },
    env: { PARLEY_LOG_LEVEL: 'error', ...env },
  });
  onTestFinished(() => parley.kill());
  return parley;
}
