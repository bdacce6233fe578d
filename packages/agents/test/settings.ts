import { fileURLToPath } from 'node:url';
import type { OpenAgentOptions } from '../src/agent.js';
import { fixture, message, open, recorder, said } from './open-fixture.js';

const AGENT = fileURLToPath(new URL('./fixtures/settings-agent.mjs', import.meta.url));

/** An option of an agent. The first value is the current one. */
export function option(id: string, values: readonly string[], more: object = {}) {
  const options = values.map((value) => ({ value, name: value }));
  return { id, name: id, type: 'select', currentValue: values[0], options, ...more };
}

/** Opens an agent with settings; `fixtures/settings-agent.mjs` says what its plan may have. */
export async function openWith(plan: object, options: Partial<OpenAgentOptions> = {}) {
  const { events, handler } = recorder();
  const definition = { ...fixture(), args: [AGENT, JSON.stringify(plan)] };
  const agent = await open(definition, { handler, ...options });
  return Object.assign(agent, {
    events,
    /** The values that the agent itself has. */
    async has(): Promise<string> {
      events.length = 0;
      await agent.prompt(message('what are they?'));
      return said(events);
    },
    /** The values that are known here. */
    knows: () => agent.info.configOptions.map(({ config_id, value }) => `${config_id}=${value}`).join(' '),
  });
}
