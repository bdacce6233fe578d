import { CWD_PLACE, HOME_PLACE } from './cassette.js';
import { mapTexts } from './map-texts.js';

/** What stands for what in one conversation that is replayed. */
export interface Names {
  readonly recordedSessionId: string;
  readonly sessionId: string;
  readonly cwd: string;
  readonly home: string;
}

/** A shorter session id might be a word like any other: it is known only in a property of that name. */
const MIN_UNIQUE_LENGTH = 16;

/** Puts a recorded message into the conversation that is replayed: its session id, its folder, its home. */
export function rewrite<Message>(message: Message, names: Names): Message {
  const { recordedSessionId, sessionId, cwd, home } = names;
  const rewriteText = (text: string, name?: string) => {
    if (/^session_?id$/i.test(name ?? '') && text === recordedSessionId) return sessionId;
    const known = recordedSessionId.length >= MIN_UNIQUE_LENGTH ? text.replaceAll(recordedSessionId, sessionId) : text;
    return known.replaceAll(CWD_PLACE, () => cwd).replaceAll(HOME_PLACE, () => home);
  };
  return mapTexts(message, rewriteText) as Message;
}
