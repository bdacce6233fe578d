import { createRequire } from 'node:module';

import type { AgentDefinition } from '../definition.js';

/** The same agent, but each of its processes writes a cassette into an existing folder. */
export function recordAgentInto(folder: string, definition: AgentDefinition): AgentDefinition {
  const recorder = createRequire(import.meta.url).resolve('#record');
  return { ...definition, recorder: [process.execPath, recorder, folder, definition.name] };
}
