import type { Environment } from '../definition.js';
import type { DemoAgentOptions } from './demo-agent.js';
import { loadScenarios } from './scenarios.js';
import { createSessionStore, storeFolder } from './session-store.js';

const DEFAULT_PACE_MS = 25;

/**
 * Reads the demo agent's options: `PARLEY_DEMO_PACE` (milliseconds between two chunks, 0 for none),
 * `PARLEY_DEMO_SCENARIOS` (a folder with more scenarios), `PARLEY_DEMO_MODEL`, `PARLEY_DEMO_LOGIN` (a file that stands for a
 * login), `PARLEY_DEMO_SESSIONS` (the folder of its sessions).
 */
export async function demoOptions(env: Environment, exit: DemoAgentOptions['exit']): Promise<DemoAgentOptions> {
  const pace = Number(env.PARLEY_DEMO_PACE ?? DEFAULT_PACE_MS);
  return {
    scenarios: await loadScenarios(env.PARLEY_DEMO_SCENARIOS),
    paceMs: Number.isFinite(pace) && pace >= 0 ? pace : DEFAULT_PACE_MS,
    ...(env.PARLEY_DEMO_MODEL !== undefined && { model: env.PARLEY_DEMO_MODEL }),
    ...(env.PARLEY_DEMO_LOGIN !== undefined && { login: env.PARLEY_DEMO_LOGIN }),
    env,
    store: createSessionStore(storeFolder(env)),
    exit,
  };
}
