import { readObject } from '../map/read.js';
import type { ClientLink } from './client-link.js';
import type { Stage } from './play-scene.js';
import type { EditReplay } from './replay-edits.js';
import { type Names, rewrite } from './rewrite.js';

/** What all scenes of one conversation share. */
export interface ConversationStageOptions extends Pick<Stage, 'speed' | 'place' | 'exit'> {
  readonly link: ClientLink;
  readonly names: Names;
  readonly edits: EditReplay;
  /** Whether the client shows notices. */
  readonly takesNotices: boolean;
}

/** Creates the stages of a conversation, one for each scene. `answer` answers the request that the scene belongs to. */
export function createConversationStage(options: ConversationStageOptions): (answer: Stage['answer']) => Stage {
  const { link, names, edits } = options;
  /** Our request ids by those of the recorded agent. */
  const ids = new Map<string, number>();

  const notice = async (description: string) => {
    if (!options.takesNotices) return;
    const update = { sessionUpdate: 'notice', severity: 'warning', title: 'Replay', description };
    await link.notify('session/update', { sessionId: names.sessionId, update });
  };
  const replayEdits = async (toolCall: unknown) => {
    for (const problem of await edits.follow(toolCall)) await notice(`${problem}.`);
  };
  return (answer) => ({
    ...options,
    notice,
    answer: (message) => answer(rewrite(message, names)),
    print: (line) => link.print(rewrite(line, names)),
    async say(message) {
      const { method, params } = rewrite(message, names);
      await replayEdits(readObject(params)?.update);
      const withdrawn = ids.get(JSON.stringify(readObject(params)?.requestId));
      await link.notify(method, withdrawn === undefined ? params : { ...readObject(params), requestId: withdrawn });
    },
    async ask(message) {
      const { method, params } = rewrite(message, names);
      await replayEdits(readObject(params)?.toolCall);
      return link.request(method, params, (id) => ids.set(JSON.stringify(message.id), id));
    },
  });
}
