import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

import type { Agent, AgentHandler, OpenAgentOptions } from '../src/agent.js';
import type { AgentEvent } from '../src/agent-event.js';
import type { AgentDefinition } from '../src/definition.js';
import { openAgent } from '../src/open-agent.js';

const AGENT = fileURLToPath(new URL('./fixtures/agent.mjs', import.meta.url));

/** A definition of the fixture agent that behaves as told. */
export function fixture(...args: string[]): AgentDefinition {
  return {
    name: 'fixture',
    title: 'Fixture',
    command: process.execPath,
    args: [AGENT, ...args],
    env: {},
    passEnv: [],
    asks: 'unknown',
    supports: { model: true, oss: false, web_search: false, config_profile: false, approval_policy: false },
    notes: [],
    launch: ({ model }) => (model === undefined ? {} : { model }),
  };
}

/** A handler that keeps what it was given and answers requests as told. */
export function recorder(answers: Partial<AgentHandler> = {}) {
  const events: AgentEvent[] = [];
  const handler: AgentHandler = {
    events: (batch) => void events.push(...batch),
    startTurn: async () => undefined,
    requestPermission: async () => ({ outcome: 'cancelled' }),
    requestElicitation: async () => ({ action: 'cancel' }),
    ...answers,
  };
  return { events, handler };
}

/** Opens an agent; it is closed when the test's `await using` ends. */
export async function open(
  definition: AgentDefinition,
  options: Partial<OpenAgentOptions> = {},
): Promise<Agent & AsyncDisposable> {
  const agent = await openAgent({ definition, cwd: tmpdir(), settings: {}, handler: recorder().handler, ...options });
  return Object.assign(Object.create(null, Object.getOwnPropertyDescriptors(agent)), {
    [Symbol.asyncDispose]: () => agent.close(),
  });
}

/** What the agent said, from its deltas. */
export function said(events: readonly AgentEvent[]): string {
  return events
    .map((event) => (event.type === 'item_delta' && event.delta.type === 'text' ? event.delta.text : ''))
    .join('');
}

/** The messages of the notices. */
export function notices(events: readonly AgentEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'notice' ? event.message : []));
}

/** One user message of plain text. */
export function message(text: string, turnId = 'turn-1') {
  return { turnId, content: [{ type: 'text' as const, text }] };
}
