import { type Raw, readObject, readText } from './read.js';

/** Detects a turn that has failed although the agent will report a normal end. */
export interface FailedThread {
  /** What the agent said about the failure; `undefined` while nothing has failed. */
  readonly message: string | undefined;
  see(update: Raw): void;
}

/**
 * Watches one turn of Codex. If its model cannot be used, Codex answers `end_turn` nevertheless. It reports the failure as
 * the state of its thread, and the reason as a chunk of text without a message id.
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
