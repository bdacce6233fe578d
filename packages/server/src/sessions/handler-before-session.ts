import type { AgentHandler } from '@parleyhq/agents';

/** A handler for an agent that is started before its session exists. */
export interface HeldHandler {
  /** Makes the agent wait until `begin` is called. */
  readonly handler: AgentHandler;
  /** Passes everything to this handler from now on, beginning with what waits. */
  begin(listener: AgentHandler): void;
}

/** Creates a handler that waits for `begin`: an agent may send events before its session is in the log. */
export function createHeldHandler(): HeldHandler {
  let begin: (listener: AgentHandler) => void = () => undefined;
  const begun = new Promise<AgentHandler>((resolve) => {
    begin = resolve;
  });
  return {
    handler: {
      events: async (events) => (await begun).events(events),
      startTurn: async (after) => (await begun).startTurn?.(after),
      requestPermission: async (...asked) => (await begun).requestPermission(...asked),
      requestElicitation: async (...asked) => (await begun).requestElicitation(...asked),
    },
    begin: (listener) => begin(listener),
  };
}
