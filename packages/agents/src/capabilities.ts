import type { AgentCapability } from '@parleyhq/contract';
import type { Initialized } from './acp/read-answers.js';
import { AgentUnsupportedError } from './agent-error.js';
import { type Raw, readObject } from './map/read.js';

/** An MCP server as an agent gets it. The agent starts the command, or sends the headers with each request. */
export type McpServerLaunch =
  | {
      readonly name: string;
      readonly command: string;
      readonly args?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    }
  | {
      readonly name: string;
      readonly url: string;
      readonly transport: 'http' | 'sse';
      readonly headers?: Readonly<Record<string, string>>;
    };

/** What a conversation has beside its directory. */
export interface Surroundings {
  /** More directories to work in, absolute paths. @default none */
  readonly additionalDirectories?: readonly string[];
  /** @default none */
  readonly mcpServers?: readonly McpServerLaunch[];
}

/** What an agent says that it can do, in the terms of the contract. */
export function readCapabilities({ capabilities, meta }: Initialized): AgentCapability[] {
  const of = (name: string): Raw => readObject(capabilities[name]) ?? {};
  const session = of('sessionCapabilities');
  const can: Record<AgentCapability, boolean> = {
    images: of('promptCapabilities').image === true,
    resume: offers(session.resume) || capabilities.loadSession === true,
    steer: readObject(meta.steering)?.supported === true,
    additional_directories: offers(session.additionalDirectories),
    mcp_http: of('mcpCapabilities').http === true,
    mcp_sse: of('mcpCapabilities').sse === true,
    list_sessions: offers(session.list),
    load_session: capabilities.loadSession === true,
    fork: offers(session.fork),
  };
  return (Object.keys(can) as AgentCapability[]).filter((name) => can[name]);
}

/** ACP has an object for each part of a session that an agent supports. */
export function offers(capability: unknown): boolean {
  return readObject(capability) !== undefined;
}

/** Throws `AgentUnsupportedError` for the first thing that the agent cannot have. */
export function checkSurroundings(title: string, initialized: Initialized, wanted: Surroundings): void {
  const { additionalDirectories = [], mcpServers = [] } = wanted;
  const can = readCapabilities(initialized);
  // Each agent of version 1 starts MCP servers; one of version 2 says so.
  const starts = readObject(initialized.capabilities.mcpCapabilities)?.stdio !== false;
  // Without this: drops directories that an agent cannot work in
  if (additionalDirectories.length > 0 && !can.includes('additional_directories')) {
    throw new AgentUnsupportedError('additional_directories', `${title} works in one directory alone`);
  }
  for (const [index, server] of mcpServers.entries()) {
    const transport = 'url' in server ? server.transport : 'stdio';
    // Without this: drops MCP servers that an agent cannot reach
    if (transport === 'stdio' ? !starts : !can.includes(`mcp_${transport}`)) {
      throw new AgentUnsupportedError(`mcp_servers/${index}`, `${title} takes no MCP servers over ${transport}`);
    }
  }
}

/** These surroundings as ACP has them. */
export function toAcp({ additionalDirectories = [], mcpServers = [] }: Surroundings) {
  const pairs = (of: Readonly<Record<string, string>> = {}) =>
    Object.entries(of).map(([name, value]) => ({ name, value }));
  return {
    ...(additionalDirectories.length > 0 && { additionalDirectories: [...additionalDirectories] }),
    mcpServers: mcpServers.map((server) =>
      'url' in server
        ? { type: server.transport, name: server.name, url: server.url, headers: pairs(server.headers) }
        : { name: server.name, command: server.command, args: [...(server.args ?? [])], env: pairs(server.env) },
    ),
  };
}
