import { resolve } from 'node:path';
import type { OperatorAgent } from '@parleyhq/agents';

/** The options that name the agent of a server and those that it has. */
interface AgentOptions {
  readonly agent?: string;
  readonly agents?: readonly OperatorAgent[];
}

const REPLAY = 'replay:';

/** Turns `replay:FILE`, where an agent's name is expected, into an agent called `replay` that plays the file. */
export function withReplay<Options extends AgentOptions>(options: Options): Options {
  if (!options.agent?.startsWith(REPLAY)) return options;
  const replay = resolve(options.agent.slice(REPLAY.length));
  return { ...options, agent: 'replay', agents: [...(options.agents ?? []), { name: 'replay', replay }] };
}

/** The agent's name of a file of options: what it replays is relative to that file. */
export function resolveReplay(agent: string, folder: string): string {
  return agent.startsWith(REPLAY) ? REPLAY + resolve(folder, agent.slice(REPLAY.length)) : agent;
}
