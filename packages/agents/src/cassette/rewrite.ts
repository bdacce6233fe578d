import { CWD_PLACE, HOME_PLACE } from './cassette.js';
import { mapTexts } from './map-texts.js';

/** The id and the folders of a replayed conversation, which replace the recorded ones. */
export interface Names {
  readonly recordedSessionId: string;
  readonly sessionId: string;
  readonly cwd: string;
  readonly home: string;
}

/** A shorter session id may also be an ordinary word. It is replaced only in a property named `sessionId`. */
const MIN_UNIQUE_LENGTH = 16;

/** Replaces the recorded session id and the placeholders in a message by those of the replayed conversation. */
export function rewrite<Message>(message: Message, names: Names): Message {
  const { recordedSessionId, sessionId, cwd, home } = names;
  const rewriteText = (text: string, name?: string) => {
    if (/^session_?id$/i.test(name ?? '') && text === recordedSessionId) return sessionId;
    const known = recordedSessionId.length >= MIN_UNIQUE_LENGTH ? text.replaceAll(recordedSessionId, sessionId) : text;
    return known.replaceAll(CWD_PLACE, () => cwd).replaceAll(HOME_PLACE, () => home);
  };
  return mapTexts(message, rewriteText) as Message;
}
