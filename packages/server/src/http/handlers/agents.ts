import type { AgentCatalog, AgentDefinition } from '@parleyhq/agents';
import type { AgentDescription } from '@parleyhq/contract';
import type { Handlers } from '../../gen/handlers.js';
import type { Caller, SessionHost } from '../../host/session-host.js';
import { type Account, type Anyone, callerOf } from '../caller.js';

/** What the handlers of agents need. */
export interface AgentHandlersOptions {
  readonly agents: AgentCatalog;
  /** The agent of a session whose request names none. */
  readonly defaultAgent: string;
  readonly sessions: Pick<SessionHost, 'modesOf'>;
}

/** Lists the agents. */
export function createAgentHandlers(options: AgentHandlersOptions): Pick<Handlers<Account, Anyone>, 'listAgents'> {
  const { agents, defaultAgent, sessions } = options;

  async function describe(
    caller: Caller,
    { name, title, supports, notes }: AgentDefinition,
  ): Promise<AgentDescription> {
    const availability = await agents.availability(name);
    const modes = sessions.modesOf(caller, name);
    return {
      name,
      title,
      default: name === defaultAgent,
      available: availability.available,
      reason: availability.available ? null : availability.reason,
      settings: {
        model: supports.model,
        oss: supports.oss,
        web_search: supports.web_search,
        config_profile: supports.config_profile,
      },
      // Every agent can work in a copy of a directory too.
      workspaces: ['direct', 'isolated'],
      ...(modes === undefined ? {} : { modes: [...modes] }),
      notes: [...notes],
    };
  }

  return {
    async listAgents(request) {
      const caller = callerOf(request);
      return {
        status: 200,
        body: { agents: await Promise.all(agents.list().map((agent) => describe(caller, agent))) },
      };
    },
  };
}
