import type { AgentCatalog, AgentDefinition } from '@parleyhq/agents';
import type { AgentDescription } from '@parleyhq/contract';
import type { Handlers } from '../../gen/handlers.js';
import type { SessionHost } from '../../host/session-host.js';
import type { Account, Anyone } from '../caller.js';

/** The agents there are. */
export interface AgentHandlersOptions {
  readonly agents: AgentCatalog;
  /** The name of the agent that a session gets which names none. */
  readonly defaultAgent: string;
  readonly sessions: Pick<SessionHost, 'modesOf'>;
}

/** Lists the agents. */
export function createAgentHandlers(options: AgentHandlersOptions): Pick<Handlers<Account, Anyone>, 'listAgents'> {
  const { agents, defaultAgent, sessions } = options;

  async function describe({ name, title, supports, notes }: AgentDefinition): Promise<AgentDescription> {
    const availability = await agents.availability(name);
    const modes = sessions.modesOf(name);
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
      // Every agent that works in a directory works in a copy of one.
      workspaces: ['direct', 'isolated'],
      ...(modes === undefined ? {} : { modes: [...modes] }),
      notes: [...notes],
    };
  }

  return {
    async listAgents() {
      return { status: 200, body: { agents: await Promise.all(agents.list().map(describe)) } };
    },
  };
}
