import { recordAgentInto } from '../cassette/recorded-agent.js';
import type { AgentDefinition, Environment } from '../definition.js';
import { checkWrapper } from '../process/wrapper.js';
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
  /** Looks for the command, again at each call, since it may have been installed. Says why an agent cannot start. */
  availability(name: string): Promise<AgentAvailability>;
}

/** What `createAgentCatalog` takes. */
export interface AgentCatalogOptions {
  /** The operator's own agents, and changes to presets. */
  readonly agents?: readonly OperatorAgent[];
  /** Where PATH is read from. @default process.env */
  readonly env?: Environment;
  /** An existing folder: each process of an agent writes a cassette into it. @default nothing is recorded */
  readonly recordDir?: string;
  /** A sandbox for every agent that has none of its own: a command and its arguments. @default none */
  readonly wrapper?: readonly string[];
}

/** Creates the catalog of the presets and the operator's agents. Throws an `Error` for an invalid entry. */
export function createAgentCatalog(options: AgentCatalogOptions = {}): AgentCatalog {
  const definitions = new Map(presets.map((preset) => [preset.name, preset]));
  for (const entry of options.agents ?? []) definitions.set(entry.name, defineAgent(entry, presets));
  const { env = process.env, recordDir, wrapper } = options;
  if (wrapper) {
    checkWrapper(wrapper, 'wrapper');
    for (const [name, definition] of definitions) definitions.set(name, { wrapper, ...definition });
  }
  return {
    list: () => [...definitions.values()],
    get(name) {
      const definition = definitions.get(name);
      return definition && recordDir !== undefined ? recordAgentInto(recordDir, definition) : definition;
    },
    async availability(name) {
      const definition = definitions.get(name);
      if (!definition) return { available: false, reason: `There is no agent ${name}` };
      const { command, install, wrapper: [sandbox] = [] } = definition;
      const find = (file: string) => findCommand(file, definition.env.PATH ?? env.PATH);
      const path = await find(command);
      const problem = await definition.problem?.();
      if (problem !== undefined) return { available: false, reason: problem };
      if (path === undefined) {
        const hint = install ? `; install it with: ${install}` : '';
        return { available: false, reason: `${command} ${notFound(command)}${hint}` };
      }
      if (sandbox !== undefined && (await find(sandbox)) === undefined) {
        return { available: false, reason: `The command of its wrapper, ${sandbox}, ${notFound(sandbox)}` };
      }
      return { available: true, path };
    },
  };
}

function notFound(command: string): string {
  return command.includes('/') ? 'is not an executable file' : 'was not found on PATH';
}
