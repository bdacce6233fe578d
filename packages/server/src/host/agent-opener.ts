import { realpath } from 'node:fs/promises';
import {
  type AgentCatalog,
  AgentError,
  AgentSettingError,
  type AgentSettings,
  AgentUnsupportedError,
  createEditBudget,
  type McpServerLaunch,
  openAgent,
} from '@parleyhq/agents';
import { type AgentLoginMethod, ServiceError } from '@parleyhq/contract';
import type { CheckedLimits } from '../limits.js';
import type { OpenSessionAgent } from '../sessions/agent-slot.js';
import { loginRequired } from '../sessions/login-required.js';
import type { IsolatedWorkspace } from '../workspace/isolated-workspace.js';
import { type AllowedPlaces, problemOfCwd } from '../workspace/roots.js';
import { secretsOf } from './mcp-servers.js';

/** The limits of agents. */
export type AgentLimits = Pick<
  CheckedLimits,
  | 'agentStartTimeoutMs'
  | 'replaySilenceMs'
  | 'maxImportedEvents'
  | 'maxImportedSize'
  | 'maxAgentLineBytes'
  | 'maxAgentQueueEvents'
  | 'maxAgentQueueBytes'
  | 'maxEdits'
  | 'maxEditsPerSession'
  | 'maxEditBytes'
  | 'maxEditBytesPerSession'
>;

/** What all agents of a server have in common. */
export interface AgentOpenerOptions extends AllowedPlaces {
  readonly agents: AgentCatalog;
  /** Secrets of the server, which are removed from everything that agents say. @default none */
  readonly secrets?: readonly string[] | undefined;
  /** Folder that lists the running agents. */
  readonly agentRegistry: string;
  /** The server's environment. Each agent sees only the variables that its definition allows. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly limits: AgentLimits;
  /** Gets the ways to log in that a start of an agent shows. */
  readonly onLoginMethods?: ((agent: string, methods: readonly AgentLoginMethod[]) => void) | undefined;
  /** Aborted when the server stops. Agents that are still starting are ended then. */
  readonly stopping?: AbortSignal | undefined;
}

/** Where an agent works, and with what. */
export interface AgentSetting {
  readonly cwd: string;
  readonly additionalDirectories: readonly string[];
  readonly isolated: IsolatedWorkspace | undefined;
  readonly settings: AgentSettings;
  /** Its MCP servers, read at each start. */
  readonly mcpServers: () => Promise<readonly McpServerLaunch[]>;
}

/** Opens the agent of a session, when it is needed. */
export type AgentOpener = (name: string, setting: AgentSetting) => OpenSessionAgent;

/** Creates the opener of a server. */
export function createAgentOpener(options: AgentOpenerOptions): AgentOpener {
  const { agents, roots, dataDir, limits } = options;
  const places = { roots, dataDir };
  const editBudget = createEditBudget({ edits: limits.maxEdits, bytes: limits.maxEditBytes });
  const problemOfPlaces = async (folders: readonly string[]) =>
    (await Promise.all(folders.map((folder) => problemOfCwd(folder, places)))).find((one) => one !== undefined);
  const editsPerSession = { edits: limits.maxEditsPerSession, bytes: limits.maxEditBytesPerSession };

  return (name, { cwd, additionalDirectories, isolated, settings, mcpServers }) =>
    async (handler, before, signal = options.stopping) => {
      const definition = agents.get(name);
      if (definition === undefined) throw new AgentError('start', `The agent ${name} is no longer configured.`);
      // Checked at each start: an agent of this or another session may have changed the folder.
      const problem = (await problemOfPlaces([cwd, ...additionalDirectories])) ?? (await problemOfCopy(isolated));
      if (problem !== undefined) throw new AgentError('start', `${definition.title} is not started: ${problem}`);
      const servers = await mcpServers();
      return openAgent({
        definition,
        cwd: isolated?.folder ?? cwd,
        workspace: isolated?.top ?? cwd,
        dataDir,
        settings,
        additionalDirectories,
        mcpServers: servers,
        handler,
        onLoginMethods: (methods) => options.onLoginMethods?.(name, methods),
        registryDir: options.agentRegistry,
        // Without this: shows the credentials of MCP servers that an agent repeats
        secrets: [...(options.secrets ?? []), ...secretsOf(servers)],
        startTimeoutMs: limits.agentStartTimeoutMs,
        replaySilenceMs: limits.replaySilenceMs,
        historyBounds: { events: limits.maxImportedEvents, size: limits.maxImportedSize },
        limits: acpLimits(limits),
        editBudget: createEditBudget(editsPerSession, editBudget),
        ...(options.env === undefined ? {} : { env: options.env }),
        ...before,
        ...(signal === undefined ? {} : { signal }),
      });
    };
}

/** How much an agent may be ahead, as the agents' package has it. */
export function acpLimits(limits: AgentLimits) {
  return {
    lineBytes: limits.maxAgentLineBytes,
    queueItems: limits.maxAgentQueueEvents,
    queueBytes: limits.maxAgentQueueBytes,
  };
}

/** Why the copy cannot be used, if so: an agent may have replaced the folder of the copy by a link. */
async function problemOfCopy(isolated: IsolatedWorkspace | undefined): Promise<string | undefined> {
  if (isolated === undefined) return undefined;
  const now = await realpath(isolated.folder).catch(() => undefined);
  return now === isolated.folder ? undefined : 'its copy of the working directory is no longer in its place';
}

/** The settings that a request or a session names. */
export function settingsOf(given: {
  model?: string | null | undefined;
  oss?: boolean | undefined;
  web_search?: boolean | undefined;
  config_profile?: string | null | undefined;
  approval_policy?: AgentSettings['approval_policy'];
}): AgentSettings {
  return {
    ...(given.model == null ? {} : { model: given.model }),
    ...(given.oss === undefined ? {} : { oss: given.oss }),
    ...(given.web_search === undefined ? {} : { web_search: given.web_search }),
    ...(given.config_profile == null ? {} : { config_profile: given.config_profile }),
    ...(given.approval_policy === undefined ? {} : { approval_policy: given.approval_policy }),
  };
}

/** @throws ServiceError `InvalidRequest` for an unknown agent, `AgentUnavailable` for one that cannot start here. */
export async function checkAgent(agents: AgentCatalog, name: string): Promise<void> {
  if (agents.get(name) === undefined) {
    const names = agents.list().map((definition) => definition.name);
    const message = `expected one of ${names.join(', ')}, got ${name}`;
    throw new ServiceError('InvalidRequest', `agent: ${message}.`, { details: [{ pointer: '/body/agent', message }] });
  }
  await checkAvailable(agents, name);
}

/** @throws ServiceError `AgentUnavailable` for a configured agent that cannot start here. */
export async function checkAvailable(agents: AgentCatalog, name: string): Promise<void> {
  const available = await agents.availability(name);
  if (!available.available) {
    throw new ServiceError('AgentUnavailable', `The agent ${name} cannot start here: ${available.reason}`);
  }
}

/** Starts something. What an agent did not take, or why it did not start, becomes the error of the request. */
export async function withStartErrors<T>(name: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof AgentSettingError) {
      const details = [{ pointer: `/body/${error.setting}`, message: error.message }];
      throw new ServiceError('InvalidRequest', error.message, { details, cause: error });
    }
    if (error instanceof AgentUnsupportedError) {
      const details = [{ ...(error.place && { pointer: `/body/${error.place}` }), message: error.message }];
      throw new ServiceError('UnsupportedByAgent', `${error.message}.`, { details, cause: error });
    }
    if (!(error instanceof AgentError)) throw error;
    if (error.kind === 'login') throw loginRequired(error);
    const tail = error.stderrTail === '' ? [] : [{ message: error.stderrTail }];
    const message = `The agent ${name} could not be started: ${error.message}`;
    throw new ServiceError('AgentUnavailable', message, { details: tail, cause: error, retryAfter: 5 });
  }
}
