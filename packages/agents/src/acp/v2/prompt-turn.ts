import { type Raw, readObject, readText } from '../../map/read.js';
import { idOf, type Update } from './wire.js';

/**
 * The turn of a prompt. In version 2 the answer to a prompt says only that the agent has taken it. The turn has ended when the
 * agent, which has been at work since, says that it is idle.
 */
export interface PromptTurn {
  /** A prompt leaves. */
  begin(requestId: unknown): void;
  /** The agent answers it. Gives the answer of version 1 if the turn is over, and what was kept of other messages. */
  answered(answer: Raw): { readonly answer: Raw | undefined; readonly kept: readonly Update[] };
  /** The agent says what state it is in. Gives the answer of version 1 if the turn is over. */
  state(update: Update): Raw | undefined;
  /** A part of a message of the user. Gives what is to be shown: not what the log has, which is the prompt. */
  userMessage(update: Update): Update[];
}

/** The prompt was not taken, since it was cancelled before. */
const REQUEST_CANCELLED = -32800;
const INTERNAL_ERROR = -32603;
/** So many characters of messages wait for the answer that says which of them is the prompt. */
const MAX_KEPT = 1_048_576;
const MAX_IDS = 1_000;

/** Creates it. A new conversation is idle. */
export function createPromptTurn(): PromptTurn {
  /** Whether the agent is at work. */
  let isBusy = false;
  /** The messages of ours that the agent has taken. */
  const own = new Set<string>();
  let prompt: { readonly id: unknown; isTaken: boolean } | undefined;
  let kept: Update[] = [];
  let keptSize = 0;
  /** With which state each message of the user was followed by the end of work, while the prompt had no answer. */
  let ends = new Map<string, Update>();

  const close = (answer: Raw): Raw => {
    prompt = undefined;
    return answer;
  };
  const give = () => {
    const given = kept.filter(({ messageId }) => !own.has(idOf(messageId)));
    kept = [];
    keptSize = 0;
    return given;
  };

  return {
    begin(requestId) {
      prompt = { id: requestId, isTaken: false };
      ends = new Map();
    },
    answered(answer) {
      if (prompt === undefined || prompt.id !== answer.id) return { answer, kept: [] };
      const error = readObject(answer.error);
      if (error !== undefined) {
        const isCancelled = error.code === REQUEST_CANCELLED;
        const said = isCancelled ? { id: answer.id, result: { stopReason: 'cancelled' } } : answer;
        return { answer: close(said), kept: give() };
      }
      prompt.isTaken = true;
      const messageId = idOf(readObject(answer.result)?.messageId);
      own.add(messageId);
      for (const id of own) {
        if (own.size <= MAX_IDS) break;
        own.delete(id);
      }
      const end = ends.get(messageId);
      // Without this: waits for ever for a turn that ended before the agent has said that it took the message
      return { answer: end === undefined ? undefined : close(answerOf(answer.id, end)), kept: give() };
    },
    state(update) {
      const wasBusy = isBusy;
      isBusy = update.state === 'running' || update.state === 'requires_action';
      // Without this: takes the state before a prompt, said again, for the end of its turn
      if (!wasBusy || isBusy || update.state !== 'idle' || prompt === undefined) return undefined;
      // Without this: takes the end of what the agent did of its own accord for that of the turn
      if (prompt.isTaken) return close(answerOf(prompt.id, update));
      for (const { messageId } of kept) if (!ends.has(idOf(messageId))) ends.set(idOf(messageId), update);
      return undefined;
    },
    userMessage(update) {
      // Without this: shows each message of the user twice
      if (own.has(idOf(update.messageId))) return [];
      if (prompt === undefined || prompt.isTaken) return [update];
      kept.push(update);
      keptSize += JSON.stringify(update).length;
      return keptSize > MAX_KEPT ? give() : [];
    },
  };
}

/** The answer to a prompt in version 1. */
function answerOf(id: unknown, { stopReason, error, usage, _meta }: Update): Raw {
  const reason = readText(stopReason) ?? 'end_turn';
  if (reason !== 'error') return { id, result: { stopReason: reason, usage: usage ?? undefined, _meta } };
  const { code, message, data } = readObject(error) ?? {};
  return {
    id,
    error: {
      code: typeof code === 'number' ? code : INTERNAL_ERROR,
      message: readText(message) ?? 'The agent ended its work with an error, and did not say which.',
      data: data ?? undefined,
    },
  };
}
