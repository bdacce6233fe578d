import type { AgentHandler } from '@parleyhq/agents';
import type { Failure } from '@parleyhq/contract';
import type { Approvals } from './approvals.js';
import type { Elicitations } from './elicitations.js';
import type { Journal } from './journal.js';
import { patiently } from './patiently.js';
import type { ToolCallWatch } from './tool-call-watch.js';
import type { Turns } from './turns.js';
import type { Watchdog } from './watchdog.js';

/** What an agent's words and questions go to. */
export interface AgentHandlerOptions {
  readonly journal: Journal;
  readonly approvals: Approvals;
  readonly elicitations: Elicitations;
  readonly toolCalls: ToolCallWatch;
  readonly turns: Pick<Turns, 'abort'>;
  readonly watchdog: Watchdog;
  /** Milliseconds that an agent is held back while the log cannot be written, before its turn is ended. */
  readonly logPatience: number;
}

/** Puts what an agent says into the log, and what it asks before the user. */
export function createAgentHandler(options: AgentHandlerOptions): AgentHandler {
  const { journal, approvals, elicitations, toolCalls, turns, watchdog, logPatience } = options;
  return {
    async events(events) {
      // An agent may go on speaking while it is ended.
      if (journal.head.state.closed_at !== null) return;
      const began = performance.now();
      const isOver = () => performance.now() - began >= logPatience;
      try {
        // Meanwhile nothing more is read from the agent.
        await patiently(() => journal.append(events), isOver);
      } catch (error) {
        turns.abort({ status: 'failed', cause: 'log_unavailable', error: failureOf(error) });
        throw error;
      }
      toolCalls.see(events);
      watchdog.alive();
    },
    requestPermission: (request, signal) => watchdog.asking(() => approvals.request(request, signal)),
    requestElicitation: (request, signal) => watchdog.asking(() => elicitations.request(request, signal)),
  };
}

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'log_unavailable', message, timestamp: Date.now() };
}
