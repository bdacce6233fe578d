import type { AgentHandler } from '@parleyhq/agents';

/** A handler for an agent that is started before anybody can listen to it. */
export interface HeldHandler {
  /** Holds the agent back until `begin`. */
  readonly handler: AgentHandler;
  /** Hands everything to this one from now on, what waits first. */
  begin(listener: AgentHandler): void;
}

/** Creates the handler that an agent is given: it may speak before its session is in the log. */
export function createHeldHandler(): HeldHandler {
  let begin: (listener: AgentHandler) => void = () => undefined;
  const begun = new Promise<AgentHandler>((resolve) => {
    begin = resolve;
  });
  return {
    handler: {
      events: async (events) => (await begun).events(events),
      requestPermission: async (...asked) => (await begun).requestPermission(...asked),
      requestElicitation: async (...asked) => (await begun).requestElicitation(...asked),
    },
    begin: (listener) => begin(listener),
  };
}
