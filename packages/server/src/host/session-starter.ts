import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Agent,
  type AgentCatalog,
  AgentError,
  AgentSettingError,
  type AgentSettings,
  createEditBudget,
  openAgent,
} from '@parleyhq/agents';
import { type ApprovalPolicy, type CreateSessionRequest, type Event, ServiceError } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { RecordOf } from '../journal/journal.js';
import { restoreFold } from '../journal/read-fold.js';
import type { CheckedLimits } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import type { Differ } from '../patches/differ.js';
import { infoOf, type OpenSessionAgent } from '../sessions/agent-slot.js';
import { cappedPolicy, choosePolicy } from '../sessions/approval-policy.js';
import {
  createSession,
  restoreSession,
  type SessionActor,
  type SessionLimits,
  type SessionOptions,
} from '../sessions/session.js';
import { createRecentPages } from '../stream/recent-pages.js';
import type { IsolatedWorkspace } from '../workspace/isolated-workspace.js';
import { type AllowedPlaces, problemOfCwd, resolveCwd } from '../workspace/roots.js';
import { createSessionCopies } from './session-copies.js';

/** The limits of sessions and their agents. */
export type StartLimits = SessionLimits &
  Pick<
    CheckedLimits,
    | 'maxApprovalTimeoutMs'
    | 'agentStartTimeoutMs'
    | 'copyReadTimeoutMs'
    | 'maxAgentLineBytes'
    | 'maxAgentQueueEvents'
    | 'maxAgentQueueBytes'
    | 'maxEdits'
    | 'maxEditsPerSession'
    | 'maxEditBytes'
    | 'maxEditBytesPerSession'
  >;

/** The options of a starter. */
export interface StartOptions extends AllowedPlaces {
  readonly log: EventLog;
  readonly agents: AgentCatalog;
  readonly logger: Logger;
  /** The agent of a session whose request names none. */
  readonly defaultAgent: string;
  /** The folder of the data directory for files of sessions that are not in the log. Copies share files in a folder beside it. */
  readonly folder: string;
  /** Secrets of the server, which are removed from everything that agents say. @default none */
  readonly secrets?: readonly string[] | undefined;
  /** Folder that lists the running agents. */
  readonly agentRegistry: string;
  /** The server's environment. Each agent sees only the variables that its definition allows. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly limits: StartLimits;
  /** Makes the diffs of edits that wait for consent. */
  readonly differ: Differ;
  /** The most permissive policy that a session may have. @default 'auto' */
  readonly maxApprovalPolicy?: ApprovalPolicy | undefined;
  /** Aborted when the server stops. Agents that are still starting are ended then. */
  readonly stopping?: AbortSignal | undefined;
}

/** Starts new sessions, and restores those of the log. */
export interface SessionStarter {
  /**
   * Starts the agent and the log of a new session.
   *
   * @throws ServiceError `InvalidRequest` naming the place, `AgentUnavailable` with the end of the agent's stderr.
   */
  create(account: string, request: CreateSessionRequest, record: RecordOf | undefined): Promise<SessionActor>;
  /** Restores a session of the log; undefined if its creation never reached the log. */
  restore(sessionId: string): Promise<SessionActor | undefined>;
  /** Removes the files of sessions that are no longer open. */
  sweep(open: ReadonlySet<string>): Promise<void>;
}

/** Creates the starter of a host. */
export function createSessionStarter(options: StartOptions): SessionStarter {
  const { log, logger, agents, maxApprovalPolicy = 'auto', roots, dataDir, limits } = options;
  const places = { roots, dataDir };

  const recentPages = createRecentPages();
  const editBudget = createEditBudget({ edits: limits.maxEdits, bytes: limits.maxEditBytes });
  const editsPerSession = { edits: limits.maxEditsPerSession, bytes: limits.maxEditBytesPerSession };
  const copies = createSessionCopies(options.folder, logger, {
    env: options.env,
    readTimeout: limits.copyReadTimeoutMs,
    stopping: options.stopping,
  });

  const optionsOf = (
    sessionId: string,
    isolated: IsolatedWorkspace | undefined,
    openAgent: OpenSessionAgent,
  ): SessionOptions => ({
    sessionId,
    log,
    logger,
    openAgent,
    isolated,
    places,
    differ: options.differ,
    recentPages,
    limits,
    folder: join(options.folder, sessionId),
    maxApprovalPolicy,
  });

  const opener =
    (name: string, cwd: string, isolated: IsolatedWorkspace | undefined, settings: AgentSettings): OpenSessionAgent =>
    async (handler, resume, signal = options.stopping) => {
      const definition = agents.get(name);
      if (definition === undefined) throw new AgentError('start', `The agent ${name} is no longer configured.`);
      // Checked at each start: an agent of this or another session may have changed the folder.
      const problem = (await problemOfCwd(cwd, places)) ?? (await problemOfCopy(isolated));
      if (problem !== undefined) throw new AgentError('start', `${definition.title} is not started: ${problem}`);
      return openAgent({
        definition,
        cwd: isolated?.folder ?? cwd,
        workspace: isolated?.top ?? cwd,
        dataDir,
        settings,
        handler,
        registryDir: options.agentRegistry,
        ...(options.secrets === undefined ? {} : { secrets: options.secrets }),
        startTimeoutMs: limits.agentStartTimeoutMs,
        limits: {
          lineBytes: limits.maxAgentLineBytes,
          queueItems: limits.maxAgentQueueEvents,
          queueBytes: limits.maxAgentQueueBytes,
        },
        editBudget: createEditBudget(editsPerSession, editBudget),
        ...(options.env === undefined ? {} : { env: options.env }),
        ...(resume === undefined ? {} : { resume }),
        ...(signal === undefined ? {} : { signal }),
      });
    };

  return {
    async create(account, request, record) {
      const {
        cwd: wantedCwd,
        agent: name = options.defaultAgent,
        model = null,
        oss = false,
        web_search = false,
        config_profile = null,
        workspace = 'direct',
        approval_policy: wantedPolicy,
        approval_timeout = 600_000,
        title = null,
        metadata = {},
        ...rest
      } = request;
      rest satisfies Record<string, never>;
      await checkAgent(agents, name);
      const approval_policy = choosePolicy(wantedPolicy, maxApprovalPolicy);
      const inSandbox = (agents.get(name)?.wrapper?.length ?? 0) > 0;
      const cwd = await resolveCwd(wantedCwd, places, { apartFromData: inSandbox || workspace === 'isolated' });
      const sessionId = randomUUID();
      const created = (agent: Agent): Event => ({
        type: 'session_created',
        session_id: sessionId,
        account,
        cwd,
        agent: name,
        model,
        oss,
        web_search,
        config_profile,
        workspace,
        approval_policy,
        approval_timeout: Math.min(approval_timeout, limits.maxApprovalTimeoutMs),
        title,
        metadata,
        ...infoOf(agent),
      });
      const isolated = workspace === 'isolated' ? await copies.create(sessionId, cwd) : undefined;
      const open = opener(name, cwd, isolated, settingsOf({ ...request, approval_policy }));
      try {
        return await withStartErrors(name, () => createSession(optionsOf(sessionId, isolated, open), created, record));
      } catch (error) {
        await isolated?.remove();
        throw error;
      }
    },

    async restore(sessionId) {
      const restored = await restoreFold(log, sessionId, logger);
      const bounds = await log.bounds(sessionId);
      if (restored === undefined || bounds === undefined) return undefined;
      const { agent, cwd } = restored.state;
      const approval_policy = cappedPolicy(restored.state.approval_policy, maxApprovalPolicy);
      const isolated = await copies.restore(sessionId, restored);
      const open = opener(agent, cwd, isolated, settingsOf({ ...restored.state, approval_policy }));
      return restoreSession(optionsOf(sessionId, isolated, open), restored, bounds.earliest);
    },

    sweep: (open) => copies.sweep(open),
  };
}

/** Why the copy cannot be used, if so: an agent may have replaced the folder of the copy by a link. */
async function problemOfCopy(isolated: IsolatedWorkspace | undefined): Promise<string | undefined> {
  if (isolated === undefined) return undefined;
  const now = await realpath(isolated.folder).catch(() => undefined);
  return now === isolated.folder ? undefined : 'its copy of the working directory is no longer in its place';
}

function settingsOf(given: {
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

async function checkAgent(agents: AgentCatalog, name: string): Promise<void> {
  if (agents.get(name) === undefined) {
    const names = agents.list().map((definition) => definition.name);
    const message = `expected one of ${names.join(', ')}, got ${name}`;
    throw new ServiceError('InvalidRequest', `agent: ${message}.`, { details: [{ pointer: '/body/agent', message }] });
  }
  const available = await agents.availability(name);
  if (!available.available) {
    throw new ServiceError('AgentUnavailable', `The agent ${name} cannot start here: ${available.reason}`);
  }
}

async function withStartErrors<T>(name: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof AgentSettingError) {
      const details = [{ pointer: `/body/${error.setting}`, message: error.message }];
      throw new ServiceError('InvalidRequest', error.message, { details, cause: error });
    }
    if (!(error instanceof AgentError)) throw error;
    const tail = error.stderrTail === '' ? [] : [{ message: error.stderrTail }];
    const message = `The agent ${name} could not be started: ${error.message}`;
    throw new ServiceError('AgentUnavailable', message, { details: tail, cause: error, retryAfter: 5 });
  }
}
