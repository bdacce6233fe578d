import type { Agent, AgentHandler } from '@parleyhq/agents';
import type { SessionUpdatedEvent } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { Journal } from './journal.js';

/** Starts the agent of a session; with `resume`, in the conversation of that id. */
export type OpenSessionAgent = (handler: AgentHandler, resume: string | undefined) => Promise<Agent>;

/** The place of a session's agent: at most one runs, and one that has gone is started again when it is needed. */
export interface AgentSlot {
  readonly current: Agent | undefined;
  /**
   * The agent, started if it does not run.
   *
   * @throws AgentError or AgentSettingError if it cannot be started.
   */
  ensure(): Promise<Agent>;
  /** Ends the agent, if one runs or starts. From now on it is given nothing more. */
  close(): Promise<void>;
}

/** A slot that may hold the agent with which the session was created. */
export function createAgentSlot(
  journal: Journal,
  open: (resume: string | undefined) => Promise<Agent>,
  logger: Logger,
  first?: Agent,
): AgentSlot {
  let current: Agent | undefined;
  let opening: Promise<Agent> | undefined;
  let closing: Promise<void> | undefined;

  function hold(agent: Agent): void {
    current = agent;
    void agent.exited.then((exit) => {
      logger.info({ exit }, 'the agent has ended');
      if (current === agent) current = undefined;
    });
  }

  async function restart(): Promise<Agent> {
    const known = journal.head.agentSessionId;
    const agent = await open(known);
    hold(agent);
    const updated: SessionUpdatedEvent = { type: 'session_updated', ...infoOf(agent) };
    if (known === undefined || agent.info.resumed) await journal.append([updated]);
    else {
      const message = 'The agent was started again and does not know what was said before.';
      await journal.append([updated, { type: 'notice', level: 'warning', code: 'context_lost', message }]);
    }
    return agent;
  }

  async function end(): Promise<void> {
    if (opening !== undefined) {
      await opening.catch((err: unknown) => logger.info({ err }, 'the agent ended while it started'));
    }
    const ending = current;
    current = undefined;
    await ending?.close();
  }

  if (first !== undefined) hold(first);
  return {
    get current() {
      return current;
    },
    async ensure() {
      while (closing !== undefined) await closing;
      if (current !== undefined) return current;
      opening ??= restart().finally(() => {
        opening = undefined;
      });
      return opening;
    },
    close() {
      closing ??= end().finally(() => {
        closing = undefined;
      });
      return closing;
    },
  };
}

/** What the log says of a started agent. */
export function infoOf({ info }: Agent): Omit<SessionUpdatedEvent, 'type'> {
  return {
    agent_session_id: info.acpSessionId,
    ...(info.version === undefined ? {} : { agent_version: info.version }),
    ...(info.modes === undefined ? {} : { modes: info.modes }),
    commands: [...info.commands],
    config_options: [...info.configOptions],
  };
}
