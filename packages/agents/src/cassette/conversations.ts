import { type Raw, readObject, readText } from '../map/read.js';
import { isOpening, type Scene } from './scenes.js';

/** A conversation on the tape: its opening and its prompts, in order. */
export interface RecordedConversation {
  readonly sessionId: string;
  readonly opening: Scene;
  readonly prompts: readonly Scene[];
}

/**
 * The conversations of a tape, in the order of their openings. One that was opened twice is one conversation: its prompts
 * are all that were recorded of it.
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

/** The result that a scene's request was answered with, if it was. */
export function answerOf(scene: Scene): Raw | undefined {
  const answer = scene.steps.find((step) => step.kind === 'answer');
  return readObject(answer?.message.result);
}
