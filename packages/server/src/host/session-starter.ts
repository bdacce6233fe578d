import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Agent } from '@parleyhq/agents';
import {
  type ApprovalPolicy,
  type ApprovalRule,
  type CreateSessionRequest,
  type Event,
  type ForkRequest,
  ServiceError,
} from '@parleyhq/contract';
import type { Logger } from 'pino';
import { createByteBudget } from '../byte-budget.js';
import type { RecordOf } from '../journal/journal.js';
import { restoreFold } from '../journal/read-fold.js';
import type { CheckedLimits } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import type { Differ } from '../patches/differ.js';
import { summaryOf } from '../patches/patches.js';
import { checkSessionRules } from '../rules/check-rules.js';
import { type AgentBefore, infoOf, type OpenSessionAgent } from '../sessions/agent-slot.js';
import { cappedPolicy, choosePolicy } from '../sessions/approval-policy.js';
import { importedEvents } from '../sessions/imported-events.js';
import { createSession, restoreSession, type SessionActor } from '../sessions/session.js';
import type { SessionLimits, SessionOptions } from '../sessions/session-options.js';
import { createRecentPages } from '../stream/recent-pages.js';
import type { IsolatedWorkspace } from '../workspace/isolated-workspace.js';
import { resolveDirectory } from '../workspace/roots.js';
import {
  type AgentLimits,
  type AgentOpenerOptions,
  checkAgent,
  createAgentOpener,
  settingsOf,
  withStartErrors,
} from './agent-opener.js';
import type { AgentSessions } from './agent-sessions.js';
import type { McpServers } from './mcp-servers.js';
import { prepareFork } from './prepare-fork.js';
import { createSessionCopies } from './session-copies.js';

/** The limits of sessions and their agents. */
export type StartLimits = SessionLimits &
  AgentLimits &
  Pick<CheckedLimits, 'maxApprovalTimeoutMs' | 'copyReadTimeoutMs' | 'maxWaitingSize'>;

/** The options of a starter. */
export interface StartOptions extends AgentOpenerOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  /** The agent of a session whose request names none. */
  readonly defaultAgent: string;
  /** The folder of the data directory for files of sessions that are not in the log. Copies share files in a folder beside it. */
  readonly folder: string;
  readonly limits: StartLimits;
  readonly mcpServers: McpServers;
  /** Makes the diffs of edits that wait for consent. */
  readonly differ: Differ;
  /** The most permissive policy that a session may have. @default 'auto' */
  readonly maxApprovalPolicy?: ApprovalPolicy | undefined;
  /** The operator's rules for what agents ask. @default none */
  readonly approvalRules?: readonly ApprovalRule[] | undefined;
  /** Refuses a session of the agent's own that the account may not take up. */
  readonly agentSessions: Pick<AgentSessions, 'check'>;
}

/** Starts new sessions, and restores those of the log. */
export interface SessionStarter {
  /**
   * Starts the agent and the log of a new session.
   *
   * @throws ServiceError `InvalidRequest` naming the place, `AgentUnavailable` with the end of the agent's stderr.
   */
  create(account: string, request: CreateSessionRequest, record: RecordOf | undefined): Promise<SessionActor>;
  /**
   * Starts a session with a copy of the conversation of another one.
   *
   * @throws ServiceError `SessionClosed`, `SessionBusy`, `UnsupportedByAgent`, `AgentUnavailable`
   */
  fork(source: SessionActor, request: ForkRequest, record: RecordOf | undefined): Promise<SessionActor>;
  /** Restores a session of the log; undefined if its creation never reached the log. */
  restore(sessionId: string): Promise<SessionActor | undefined>;
  /** Removes the files of sessions that are no longer open. */
  sweep(open: ReadonlySet<string>): Promise<void>;
}

/** Creates the starter of a host. */
export function createSessionStarter(options: StartOptions): SessionStarter {
  const { log, logger, agents, maxApprovalPolicy = 'auto', approvalRules = [], roots, dataDir, limits } = options;
  const places = { roots, dataDir };

  const recentPages = createRecentPages();
  const { maxWaitingSize } = limits;
  const waiting = createByteBudget({ inAll: maxWaitingSize, each: maxWaitingSize / 2 });
  const opener = createAgentOpener(options);
  const { mcpServers } = options;
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
    waiting,
    limits,
    folder: join(options.folder, sessionId),
    forgetSecrets: () => mcpServers.forget(sessionId),
    maxApprovalPolicy,
    approvalRules,
  });

  async function resolveDirectories(wanted: readonly string[], workspace: string, inSandbox: boolean) {
    const resolved: string[] = [];
    for (const [index, path] of wanted.entries()) {
      const place = `additional_directories/${index}`;
      // Without this: lets an agent in a copy write outside of it, where its edits need no consent
      if (workspace === 'isolated') throw notIsolated(place);
      resolved.push(await resolveDirectory(place, path, places, { apartFromData: inSandbox }));
    }
    return resolved;
  }

  /** Creates a session. What was made for it is removed if that fails. */
  async function begin(
    agent: string,
    of: SessionOptions,
    settings: (agent: Agent) => readonly Event[],
    record: RecordOf | undefined,
  ): Promise<SessionActor> {
    try {
      return await withStartErrors(agent, () => createSession(of, settings, record));
    } catch (error) {
      await Promise.all([of.isolated?.remove(), mcpServers.forget(of.sessionId)]);
      throw error;
    }
  }

  return {
    async create(account, request, record) {
      const {
        cwd: wantedCwd,
        agent: name = options.defaultAgent,
        model = null,
        oss = false,
        web_search = false,
        config_profile = null,
        workspace: wantedWorkspace,
        approval_policy: wantedPolicy,
        approval_rules,
        approval_timeout = 600_000,
        additional_directories = [],
        mcp_servers,
        budget,
        resume_agent_session,
        title = null,
        metadata = {},
        ...rest
      } = request;
      rest satisfies Record<string, never>;
      await checkAgent(agents, name);
      const approval_policy = choosePolicy(wantedPolicy, maxApprovalPolicy);
      checkSessionRules(approval_rules ?? [], maxApprovalPolicy);
      const neverAsks = agents.get(name)?.asks === 'never';
      // Without this: promises to deny what an agent does without asking
      if (neverAsks && approval_policy === 'deny') throw cannotDeny(name);
      // Without this: lets an agent that never asks write into the project by default
      const workspace = wantedWorkspace ?? (neverAsks ? 'isolated' : 'direct');
      const inSandbox = (agents.get(name)?.wrapper?.length ?? 0) > 0;
      const cwd = await resolveDirectory('cwd', wantedCwd, places, {
        apartFromData: inSandbox || workspace === 'isolated',
      });
      if (resume_agent_session !== undefined) {
        // Without this: takes a session up in a copy, which the agent has never seen
        if (workspace === 'isolated') throw notInCopy();
        await withStartErrors(name, () => options.agentSessions.check(account, name, cwd, resume_agent_session));
      }
      const directories = await resolveDirectories(additional_directories, workspace, inSandbox);
      const sessionId = randomUUID();
      const mcp = await mcpServers.choose(sessionId, mcp_servers);
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
        ...(approval_rules && { approval_rules }),
        approval_timeout: Math.min(approval_timeout, limits.maxApprovalTimeoutMs),
        ...(budget && { budget }),
        title,
        metadata,
        ...(directories.length > 0 && { additional_directories: directories }),
        ...(mcp.shown.length > 0 && { mcp_servers: [...mcp.shown] }),
        ...infoOf(agent),
      });
      const isolated = workspace === 'isolated' ? await copies.create(sessionId, cwd) : undefined;
      const open = opener(name, {
        ...{ cwd, additionalDirectories: directories, isolated, mcpServers: mcp.launches },
        settings: settingsOf({ ...request, approval_policy }),
      });
      // An agent that is started again goes on with the conversation of the log.
      const openFirst: OpenSessionAgent = (handler, before, signal) =>
        open(handler, before ?? takeUp(resume_agent_session), signal);
      const settings = (agent: Agent) => [created(agent), ...importedEvents(agent, title)];
      return begin(name, optionsOf(sessionId, isolated, openFirst), settings, record);
    },

    async fork(source, request, record) {
      const fork = prepareFork(source.journal, request);
      const { state } = fork.from;
      const { agent: name, cwd, additional_directories = [], mcp_servers = [] } = state;
      const sessionId = randomUUID();
      const approval_policy = cappedPolicy(state.approval_policy, maxApprovalPolicy);
      const mcp = await mcpServers.fork(sessionId, state.session_id, mcp_servers);
      const isolated = source.isolated && (await copies.fork(sessionId, source.isolated, fork.from));
      const change = await isolated?.pending([]);
      const open = opener(name, {
        ...{ cwd, additionalDirectories: additional_directories, isolated, mcpServers: mcp.launches },
        settings: settingsOf({ ...state, approval_policy }),
      });
      const openFirst: OpenSessionAgent = (handler, before, signal) => open(handler, before ?? fork.before, signal);
      const settings = (agent: Agent): Event[] => [
        ...fork.events(agent, sessionId, approval_policy),
        ...(change === undefined
          ? []
          : [{ type: 'patch_updated' as const, patch: summaryOf(change.patchId, change.files) }]),
      ];
      return begin(name, optionsOf(sessionId, isolated, openFirst), settings, record);
    },

    async restore(sessionId) {
      const restored = await restoreFold(log, sessionId, logger);
      const bounds = await log.bounds(sessionId);
      if (restored === undefined || bounds === undefined) return undefined;
      const { agent, cwd, additional_directories = [], mcp_servers = [] } = restored.state;
      const approval_policy = cappedPolicy(restored.state.approval_policy, maxApprovalPolicy);
      const isolated = await copies.restore(sessionId, restored);
      const open = opener(agent, {
        ...{ cwd, additionalDirectories: additional_directories, isolated },
        mcpServers: mcpServers.restore(sessionId, mcp_servers).launches,
        settings: settingsOf({ ...restored.state, approval_policy }),
      });
      return restoreSession(optionsOf(sessionId, isolated, open), restored, bounds.earliest);
    },

    async sweep(open) {
      await Promise.all([copies.sweep(open), mcpServers.sweep(open)]);
    },
  };
}

/** How the agent of a new session begins. */
function takeUp(sessionId: string | undefined): AgentBefore {
  return sessionId === undefined ? {} : { takeUp: { by: 'load', sessionId } };
}

function notInCopy(): ServiceError {
  const message = "expected direct: a session of the agent's own belongs to its directory, not to a copy of it";
  return new ServiceError('InvalidRequest', `workspace: ${message}.`, {
    details: [{ pointer: '/body/workspace', message }],
  });
}

function notIsolated(place: string): ServiceError {
  const message = 'expected none with workspace isolated: what an agent changes there is not in its copy';
  return new ServiceError('InvalidRequest', `${place}: ${message}.`, {
    details: [{ pointer: `/body/${place}`, message }],
  });
}

function cannotDeny(agent: string): ServiceError {
  const message = `the agent ${agent} never asks, so nothing can be denied; expected ask with workspace isolated, where a patch waits for you, or another agent`;
  return new ServiceError('InvalidRequest', `approval_policy: ${message}.`, {
    details: [{ pointer: '/body/approval_policy', message }],
  });
}
