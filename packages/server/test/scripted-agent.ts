import { fileURLToPath } from 'node:url';
import { createAgentCatalog } from '@parleyhq/agents';
import type { SessionHostOptions } from '../src/sessions/create-session-host.js';

const AGENT = fileURLToPath(new URL('./scripted-agent.mjs', import.meta.url));

/** Host options with a subprocess for an agent that does what its message says; see `scripted-agent.mjs`. */
export function scripted(taking: 'resume' | 'load' | 'forget' = 'resume'): Partial<SessionHostOptions> {
  const agent = { name: 'scripted', command: process.execPath, args: [AGENT, taking] };
  return { agents: createAgentCatalog({ agents: [agent] }), defaultAgent: 'scripted' };
}
