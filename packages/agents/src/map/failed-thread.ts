import { type Raw, readObject, readText } from './read.js';

/** Notices that a turn has failed although its answer will call it ended. */
export interface FailedThread {
  /** What the agent said about it; `undefined` while nothing has failed. */
  readonly message: string | undefined;
  see(update: Raw): void;
}

/**
 * Watches one turn of Codex: when its model cannot be used it answers `end_turn` all the same. It tells so by the state
 * of its thread, and says why in a piece of text that belongs to no message of the model.
 */
export function watchThread(): FailedThread {
  let said: string | undefined;
  return {
    get message() {
      return said === undefined ? undefined : said.trim() || 'The agent reported a failure and did not say which.';
    },
    see(update) {
      if (update.sessionUpdate === 'session_info_update') {
        const status = readObject(readObject(readObject(update._meta)?.codex)?.threadStatus);
        if (status?.type === 'systemError') said ??= '';
      } else if (update.sessionUpdate === 'agent_message_chunk' && update.messageId === undefined) {
        if (said !== undefined) said += readText(readObject(update.content)?.text, 8192) ?? '';
      }
    },
  };
}
