import { type AgentCatalog, type AgentDefinition, findOption } from '@parleyhq/agents';
import type { AgentDescription, McpServer } from '@parleyhq/contract';
import { isOwner } from '../../auth/principal.js';
import type { Handlers } from '../../gen/handlers.js';
import type { AgentLogins } from '../../host/agent-logins.js';
import type { Caller, SessionHost } from '../../host/session-host.js';
import { type Account, type Anyone, callerOf } from '../caller.js';

/** What the handlers of agents need. */
export interface AgentHandlersOptions {
  readonly agents: AgentCatalog;
  /** The agent of a session whose request names none. */
  readonly defaultAgent: string;
  readonly sessions: Pick<SessionHost, 'lastOf' | 'agentSessions'>;
  readonly agentLogins: AgentLogins;
  /** What the operator offers. */
  readonly mcpServers: readonly McpServer[];
}

/** Lists the agents, logs in to them, and lists the sessions that they keep. */
export function createAgentHandlers(
  options: AgentHandlersOptions,
): Pick<Handlers<Account, Anyone>, 'listAgents' | 'authenticateAgent' | 'listAgentSessions'> {
  const { agents, defaultAgent, sessions, agentLogins, mcpServers } = options;

  async function describe(
    caller: Caller,
    showLogin: boolean,
    { name, title, supports, modelIsOption = false, asks, notes }: AgentDefinition,
  ): Promise<AgentDescription> {
    const availability = await agents.availability(name);
    const last = sessions.lastOf(caller, name);
    const methods = agentLogins.methodsOf(name);
    // Without this: shows the page of a login to somebody who could log in there as somebody else
    const login = showLogin ? agentLogins.loginOf(name) : undefined;
    // Without this: promises a model where the agent has shown that it offers none
    const noModel = modelIsOption && last !== undefined && findOption(last.config_options, 'model') === undefined;
    return {
      name,
      title,
      default: name === defaultAgent,
      available: availability.available,
      reason: availability.available ? null : availability.reason,
      settings: {
        model: supports.model && !noModel,
        oss: supports.oss,
        web_search: supports.web_search,
        config_profile: supports.config_profile,
      },
      // Every agent can work in a copy of a directory too.
      workspaces: ['direct', 'isolated'],
      ...(last?.modes ? { modes: last.modes.available } : {}),
      ...(last?.capabilities && { capabilities: last.capabilities }),
      ...(methods && { login_methods: [...methods] }),
      ...(login && { login }),
      asks,
      notes: [...notes],
    };
  }

  return {
    async listAgents(request) {
      const caller = callerOf(request);
      const showLogin = isOwner(request.principal);
      const described = await Promise.all(agents.list().map((agent) => describe(caller, showLogin, agent)));
      return { status: 200, body: { agents: described, mcp_servers: [...mcpServers] } };
    },

    async authenticateAgent({ path, body, socket }) {
      const left = new AbortController();
      const abort = () => left.abort();
      // Without this: goes on with a login that nobody waits for
      socket.once('close', abort);
      if (socket.destroyed) abort();
      try {
        await agentLogins.logIn(path.agent, body.method, left.signal);
      } finally {
        socket.off('close', abort);
      }
      return { status: 204 };
    },

    async listAgentSessions(request) {
      const { path, query } = request;
      return { status: 200, body: await sessions.agentSessions(callerOf(request), path.agent, query) };
    },
  };
}
