import { type Raw, readObject, readText } from '../map/read.js';
import { isOpening, type Scene } from './scenes.js';

/** A conversation on the tape: its opening and its prompts, in order. */
export interface RecordedConversation {
  readonly sessionId: string;
  readonly opening: Scene;
  readonly prompts: readonly Scene[];
}

/**
 * The conversations of a tape, in the order of their openings. A conversation that was opened twice has two entries, each
 * with all prompts that were recorded of it.
 */
export function readConversations(scenes: readonly Scene[]): RecordedConversation[] {
  return scenes
    .filter(({ method }) => isOpening(method))
    .map((opening) => {
      const sessionId = readText(opening.params.sessionId) ?? readText(answerOf(opening)?.sessionId) ?? '';
      const prompts = scenes.filter(
        ({ method, params }) => method === 'session/prompt' && params.sessionId === sessionId,
      );
      return { sessionId, opening, prompts };
    });
}

/** The result in the answer to a scene's request; `undefined` if there was none. */
export function answerOf(scene: Scene): Raw | undefined {
  const answer = scene.steps.find((step) => step.kind === 'answer');
  return readObject(answer?.message.result);
}
