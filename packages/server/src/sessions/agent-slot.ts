import type { Agent, AgentHandler, OpenAgentOptions, ShownSettings } from '@parleyhq/agents';
import { type Event, ServiceError, type SessionUpdatedEvent } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { SessionState } from '../host/session-host.js';
import type { Journal } from '../journal/journal.js';

/** What is taken up when an agent is started again: its conversation, and the settings that the session shows. */
export type AgentBefore = Pick<OpenAgentOptions, 'resume' | 'shown' | 'takeUp'>;

/**
 * Starts the agent of a session, in a new conversation unless `before` says otherwise. `signal` cancels the start; without one,
 * the stop of the server cancels it.
 */
export type OpenSessionAgent = (handler: AgentHandler, before?: AgentBefore, signal?: AbortSignal) => Promise<Agent>;

/** The agent of a session: at most one runs, and it is started again when it has ended and is needed. */
export interface AgentSlot {
  readonly current: Agent | undefined;
  /**
   * The agent, started if it does not run.
   *
   * @throws AgentError or AgentSettingError if it cannot be started, ServiceError once the slot has been retired.
   */
  ensure(): Promise<Agent>;
  /** Ends the agent if it runs, and cancels its start. It gets no more messages from now on. */
  close(): Promise<void>;
  /** Ends the agent. No other is started until `revive`. */
  retire(): Promise<void>;
  /** Allows starts again. */
  revive(): void;
}

/** So many lost settings are named in a notice, which has its length. */
const MAX_NAMED = 16;

/** Creates a slot. `first` is the agent with which a new session was created; `forGood` says whether the session is ending. */
export function createAgentSlot(
  journal: Journal,
  open: (before: AgentBefore, signal: AbortSignal) => Promise<Agent>,
  logger: Logger,
  first?: Agent,
  forGood = () => false,
): AgentSlot {
  let current: Agent | undefined;
  let opening: { readonly agent: Promise<Agent>; readonly cancel: () => void } | undefined;
  let closing: Promise<void> | undefined;
  let retired = false;

  function hold(agent: Agent): void {
    current = agent;
    void agent.exited.then((exit) => {
      logger.info({ exit }, 'the agent has ended');
      // Without this: gives the next message to an agent that has died
      if (current === agent) current = undefined;
    });
  }

  async function restart(signal: AbortSignal): Promise<Agent> {
    const { agentSessionId: known, state } = journal.head;
    const agent = await open({ shown: shownOf(state), ...(known !== undefined && { resume: known }) }, signal);
    const told: Event[] = [{ type: 'session_updated', ...infoOf(agent) }];
    if (known !== undefined && !agent.info.resumed) {
      const { refusal, capabilities } = agent.info;
      const reason =
        refusal ?? (capabilities.includes('resume') ? undefined : 'It does not offer to resume a conversation.');
      logger.warn({ reason }, 'the agent did not resume its conversation');
      const lost = 'The agent was started again and does not know what was said before.';
      // Without this: keeps to itself why the agent has forgotten its conversation
      const message = reason === undefined ? lost : `${lost} Its reason: ${reason}`;
      told.push({ type: 'notice', level: 'warning', code: 'context_lost', message });
    }
    const { settingsLost } = agent.info;
    if (settingsLost.length > 0) {
      const more = settingsLost.length > MAX_NAMED ? `, and ${settingsLost.length - MAX_NAMED} more` : '';
      const message = `The agent was started again and did not take these settings again: ${settingsLost.slice(0, MAX_NAMED).join(', ')}${more}.`;
      told.push({ type: 'notice', level: 'warning', code: 'settings_lost', message });
    }
    try {
      await journal.append(told);
    } catch (error) {
      // The id of its conversation is not in the log, so it could not be resumed later.
      await agent.close();
      throw error;
    }
    hold(agent);
    return agent;
  }

  async function end(): Promise<void> {
    if (opening !== undefined) {
      // Without this: waits for the start of an agent that is to be ended
      opening.cancel();
      await opening.agent.catch((err: unknown) => logger.info({ err }, 'the agent ended while it started'));
    }
    const ending = current;
    current = undefined;
    await ending?.close(forGood());
  }

  function close(): Promise<void> {
    closing ??= end().finally(() => {
      closing = undefined;
    });
    return closing;
  }

  if (first !== undefined) hold(first);
  return {
    get current() {
      return current;
    },
    async ensure() {
      // Without this: gives the next message to an agent that is being ended
      while (closing !== undefined) await closing;
      // Without this: starts an agent for a session that has ended
      if (retired) throw new ServiceError('Unavailable', 'The session is being ended: its agent is not started again.');
      if (opening !== undefined) return opening.agent;
      if (current !== undefined) return current;
      const start = new AbortController();
      const agent = restart(start.signal).finally(() => {
        opening = undefined;
      });
      opening = { agent, cancel: () => start.abort() };
      return agent;
    },
    close,
    retire() {
      retired = true;
      return close();
    },
    revive() {
      retired = false;
    },
  };
}

/** The settings that a session shows. */
export function shownOf({ modes, config_options }: SessionState): ShownSettings {
  // Without this: loses the settings of a session with the process of its agent
  return { ...(modes && { modes }), configOptions: config_options };
}

/** The facts about a started agent that go into the log. */
export function infoOf({ info }: Agent): Omit<SessionUpdatedEvent, 'type'> {
  return {
    agent_session_id: info.acpSessionId,
    capabilities: [...info.capabilities],
    ...(info.version === undefined ? {} : { agent_version: info.version }),
    ...(info.modes === undefined ? {} : { modes: info.modes }),
    commands: [...info.commands],
    config_options: [...info.configOptions],
  };
}
