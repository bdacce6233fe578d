import { type Raw, readObject, readText } from './read.js';
import type { SessionState } from './session-state.js';

const SPOKEN = /^\[MODE_UPDATE\] (\S+)$/;

/** The update itself; or, of Gemini CLI, which tells a change of its mode as if it were a part of its answer, that change. */
export function hearMode(update: Raw, { modes }: SessionState): Raw {
  if (update.sessionUpdate !== 'agent_message_chunk') return update;
  const [, currentModeId] = SPOKEN.exec(readText(readObject(update.content)?.text, 256) ?? '') ?? [];
  // Without this: takes any text that looks like it for a mode
  const isKnown = modes?.available.some(({ mode_id }) => mode_id === currentModeId) === true;
  return isKnown ? { sessionUpdate: 'current_mode_update', currentModeId } : update;
}
