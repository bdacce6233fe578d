import type { AgentDefinition } from './definition.js';

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
