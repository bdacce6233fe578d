import type { AgentEvent, AgentHandler } from '@parleyhq/agents';
import type { Journal } from '../journal/journal.js';
import type { HeldAppend } from './append-with-patience.js';
import type { Approvals } from './approvals.js';
import { createConsentWatch } from './consent-watch.js';
import type { Elicitations } from './elicitations.js';
import type { ToolCallWatch } from './tool-call-watch.js';
import type { Turns } from './turns.js';
import type { Watchdog } from './watchdog.js';

/** The options of an agent's handler. */
export interface AgentHandlerOptions {
  readonly journal: Pick<Journal, 'head'>;
  readonly hold: HeldAppend;
  readonly approvals: Approvals;
  readonly elicitations: Elicitations;
  readonly toolCalls: ToolCallWatch;
  readonly turns: Pick<Turns, 'startOwn'>;
  readonly watchdog: Watchdog;
}

/** An event without the title that an agent gives its session. */
function untitled(event: AgentEvent): AgentEvent[] {
  // Without this: replaces the title that a person gave by the one of an agent
  if (event.type !== 'session_updated' || event.title === undefined) return [event];
  const { title: _, turn_id, ...changes } = event;
  return Object.keys(changes).length > 1 ? [{ ...changes, ...(turn_id !== undefined && { turn_id }) }] : [];
}

/** Creates the handler that writes an agent's events into the log and passes its questions to the user. */
export function createAgentHandler(options: AgentHandlerOptions): AgentHandler {
  const { journal, hold, approvals, elicitations, toolCalls, turns, watchdog } = options;
  const consent = createConsentWatch(journal);
  return {
    async events(events) {
      // An agent may still send events while it is being ended.
      if (journal.head.state.closed_at !== null) return;
      // While this waits, nothing more is read from the agent.
      await hold(() => (journal.head.isTitleGiven ? events.flatMap(untitled) : events));
      toolCalls.see(events);
      const notices = consent.see(events);
      if (notices.length > 0) await hold(() => notices);
      // Without this: ends an agent that gives signs of life
      watchdog.alive();
    },
    async startTurn(after) {
      return journal.head.state.closed_at === null ? turns.startOwn(after) : undefined;
    },
    async requestPermission(request, signal) {
      const outcome = await watchdog.asking(() => approvals.request(request, signal));
      consent.answered(request, outcome);
      return outcome;
    },
    requestElicitation: (request, signal) => watchdog.asking(() => elicitations.request(request, signal)),
  };
}
