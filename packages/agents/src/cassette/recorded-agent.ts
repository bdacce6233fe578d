import { createRequire } from 'node:module';

import type { AgentDefinition } from '../definition.js';

/** An agent whose every process writes a cassette into a folder that is there. It is the same agent in all else. */
export function recordAgentInto(folder: string, definition: AgentDefinition): AgentDefinition {
  const recorder = createRequire(import.meta.url).resolve('#record');
  return { ...definition, recorder: [process.execPath, recorder, folder, definition.name] };
}
