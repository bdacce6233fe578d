import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logInAgent } from '@parleyhq/agents';
import { type AgentLogin, type AgentLoginMethod, ServiceError } from '@parleyhq/contract';
import type { CheckedLimits } from '../limits.js';
import { type AgentLimits, type AgentOpenerOptions, checkAgent, withStartErrors } from './agent-opener.js';

/** The logins of agents. */
export interface AgentLogins {
  /** The ways to log in that the last start of an agent showed; undefined before the first. */
  methodsOf(agent: string): readonly AgentLoginMethod[] | undefined;
  /** Keeps what a start of an agent has shown. */
  remember(agent: string, methods: readonly AgentLoginMethod[]): void;
  /** The login of an agent that is going on; undefined if there is none, or its agent is still starting. */
  loginOf(agent: string): AgentLogin | undefined;
  /**
   * Logs an agent in, in a process of its own that has ended when this settles. Aborting `signal` ends it.
   *
   * @throws ServiceError `TooManyRequests` while another login of the agent is going on, `InvalidRequest`,
   * `UnsupportedByAgent`, `AgentUnavailable`, `AgentLoginRequired`, `Unavailable`.
   */
  logIn(agent: string, method: string | undefined, signal: AbortSignal): Promise<void>;
  /** Refuses new logins, ends those that are going on, and resolves when their processes have ended. */
  drain(): Promise<void>;
}

/** The options of `createAgentLogins`. */
export interface AgentLoginsOptions
  extends Pick<AgentOpenerOptions, 'agents' | 'secrets' | 'agentRegistry' | 'env' | 'dataDir'> {
  readonly limits: AgentLimits & Pick<CheckedLimits, 'agentLoginTimeoutMs'>;
}

interface RunningLogin {
  readonly end: AbortController;
  readonly done: Promise<void>;
  show?: () => AgentLogin;
}

/** Creates the logins of a server. What an agent has shown is kept in memory. */
export function createAgentLogins(options: AgentLoginsOptions): AgentLogins {
  const { agents, secrets = [], agentRegistry, env, dataDir, limits } = options;
  const methodsOf = new Map<string, readonly AgentLoginMethod[]>();
  const running = new Map<string, RunningLogin>();
  let stopping = false;

  async function start(agent: string, method: string | undefined, signal: AbortSignal): Promise<void> {
    await checkAgent(agents, agent);
    const definition = agents.get(agent);
    if (definition === undefined) return;
    // An empty folder: the agent reads no settings of a project there.
    const cwd = await mkdtemp(join(tmpdir(), 'parley-login-'));
    try {
      await logInAgent({
        ...{ definition, cwd, method, signal, secrets, dataDir },
        settings: {},
        registryDir: agentRegistry,
        startTimeoutMs: limits.agentStartTimeoutMs,
        loginTimeoutMs: limits.agentLoginTimeoutMs,
        limits: {
          lineBytes: limits.maxAgentLineBytes,
          queueItems: limits.maxAgentQueueEvents,
          queueBytes: limits.maxAgentQueueBytes,
        },
        ...(env === undefined ? {} : { env }),
        onMethods: (methods) => void methodsOf.set(agent, methods),
        onLogin(show) {
          const login = running.get(agent);
          if (login) login.show = show;
        },
      });
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  }

  return {
    methodsOf: (agent) => methodsOf.get(agent),
    remember: (agent, methods) => void methodsOf.set(agent, methods),
    loginOf: (agent) => running.get(agent)?.show?.(),

    async logIn(agent, method, left) {
      if (stopping) throw isStopping();
      // Without this: starts any number of processes, and mixes up what they show
      if (running.has(agent)) {
        throw new ServiceError('TooManyRequests', `A login of ${agent} is going on; there is one at a time.`, {
          retryAfter: 30,
        });
      }
      const end = new AbortController();
      const leave = () => end.abort();
      left.addEventListener('abort', leave);
      if (left.aborted) leave();
      const done = withStartErrors(agent, () => start(agent, method, end.signal));
      running.set(agent, { end, done });
      try {
        await done;
      } catch (error) {
        throw stopping ? isStopping() : error;
      } finally {
        running.delete(agent);
        left.removeEventListener('abort', leave);
      }
    },

    async drain() {
      stopping = true;
      for (const { end } of running.values()) end.abort();
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
}

function isStopping(): ServiceError {
  return new ServiceError('Unavailable', 'The server is stopping.', { retryAfter: 5 });
}
