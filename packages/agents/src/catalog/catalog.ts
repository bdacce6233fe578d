import { recordAgentInto } from '../cassette/recorded-agent.js';
import type { AgentDefinition, Environment } from '../definition.js';
import { findCommand } from './find-command.js';
import { defineAgent, type OperatorAgent } from './operator-agent.js';
import { presets } from './presets.js';

/** Whether an agent can start on this machine. */
export type AgentAvailability =
  | { readonly available: true; readonly path: string }
  | { readonly available: false; readonly reason: string };

/** The agents that a server offers, by name. */
export interface AgentCatalog {
  list(): readonly AgentDefinition[];
  get(name: string): AgentDefinition | undefined;
  /** Looks for the command (again at each call: it may be installed meanwhile) and says why an agent cannot start. */
  availability(name: string): Promise<AgentAvailability>;
}

/** What `createAgentCatalog` takes. */
export interface AgentCatalogOptions {
  /** The operator's own agents, and changes of presets. */
  readonly agents?: readonly OperatorAgent[];
  /** Where PATH is read from. @default process.env */
  readonly env?: Environment;
  /** A folder that is there: each process of an agent writes a cassette into it. @default nothing is recorded */
  readonly recordDir?: string;
}

/** Lists the presets and the operator's agents. Throws an `Error` for an entry that makes no sense. */
export function createAgentCatalog(options: AgentCatalogOptions = {}): AgentCatalog {
  const definitions = new Map(presets.map((preset) => [preset.name, preset]));
  for (const entry of options.agents ?? []) definitions.set(entry.name, defineAgent(entry, presets));
  const { env = process.env, recordDir } = options;
  return {
    list: () => [...definitions.values()],
    get(name) {
      const definition = definitions.get(name);
      return definition && recordDir !== undefined ? recordAgentInto(recordDir, definition) : definition;
    },
    async availability(name) {
      const definition = definitions.get(name);
      if (!definition) return { available: false, reason: `There is no agent ${name}` };
      const path = await findCommand(definition.command, definition.env.PATH ?? env.PATH);
      const problem = await definition.problem?.();
      if (problem !== undefined) return { available: false, reason: problem };
      if (path !== undefined) return { available: true, path };
      const where = definition.command.includes('/') ? 'is not an executable file' : 'was not found on PATH';
      const hint = definition.install ? `; install it with: ${definition.install}` : '';
      return { available: false, reason: `${definition.command} ${where}${hint}` };
    },
  };
}
