import { resolve } from 'node:path';
import type { OperatorAgent } from '@parleyhq/agents';

/** The options that name the default agent and list the operator's agents. */
interface AgentOptions {
  readonly agent?: string;
  readonly agents?: readonly OperatorAgent[];
}

const REPLAY = 'replay:';

/** Replaces the agent name `replay:FILE` by an agent `replay` that plays the file. */
export function withReplay<Options extends AgentOptions>(options: Options): Options {
  if (!options.agent?.startsWith(REPLAY)) return options;
  const replay = resolve(options.agent.slice(REPLAY.length));
  return { ...options, agent: 'replay', agents: [...(options.agents ?? []), { name: 'replay', replay }] };
}

/** Resolves the agent name of a configuration file. The cassette of `replay:FILE` is relative to `folder`. */
export function resolveReplay(agent: string, folder: string): string {
  return agent.startsWith(REPLAY) ? REPLAY + resolve(folder, agent.slice(REPLAY.length)) : agent;
}
