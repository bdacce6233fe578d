import { fileURLToPath } from 'node:url';
import type { OpenAgentOptions } from '../src/agent.js';
import type { AgentEvent } from '../src/agent-event.js';
import type { AgentDefinition } from '../src/definition.js';
import { fixture, open, recorder } from './open-fixture.js';

const AGENT = fileURLToPath(new URL('./fixtures/two-versions.mjs', import.meta.url));

/** The agent that speaks both versions of ACP: `speaks` those it has, and `file` gets what it is told. */
export function twoVersions(
  offered: 1 | 2,
  { speaks = '1,2', file, ...more }: { speaks?: string; file?: string } & Partial<AgentDefinition> = {},
): AgentDefinition {
  return { ...fixture(), args: [AGENT, speaks, ...(file ? [file] : [])], acpVersion: offered, ...more };
}

/** Opens that agent with a handler that keeps its events, and begins turns of its own. */
export async function openIn(offered: 1 | 2, options: Partial<OpenAgentOptions> = {}) {
  let look: () => void = () => undefined;
  const { events, handler } = recorder({
    startTurn: async () => 'own',
    requestPermission: async () => ({ outcome: 'selected', optionId: 'yes' }),
    requestElicitation: async () => ({ action: 'accept', content: { x: 'this' } }),
  });
  const listening = {
    ...handler,
    events(batch: readonly AgentEvent[]) {
      events.push(...batch);
      look();
    },
  };
  const agent = await open(twoVersions(offered), { handler: listening, ...options });
  return Object.assign(agent, {
    events,
    /** Resolves when there is such an event. */
    saw: (fits: (event: AgentEvent) => boolean) =>
      new Promise<void>((resolve) => {
        look = () => events.some(fits) && resolve();
        look();
      }),
  });
}

/** The events with the ids of their items in the order of their appearance. */
export function numbered(events: readonly AgentEvent[]): unknown {
  const ids = new Map<string, string>();
  const text = JSON.stringify(events).replace(/"item_id":"([^"]+)"/g, (_, id: string) => {
    if (!ids.has(id)) ids.set(id, `item ${ids.size + 1}`);
    return `"item_id":"${ids.get(id)}"`;
  });
  return JSON.parse(text);
}
