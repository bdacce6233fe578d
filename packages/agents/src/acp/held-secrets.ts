import { REDACTED } from '../cassette/cassette.js';
import { pieceOf, withPiece } from '../cassette/text-piece.js';
import type { Raw } from '../map/read.js';

/** Takes known secrets out of what an agent says. */
export interface SecretGuard {
  /** The line of JSON without the secrets, however their characters are escaped in it. */
  clean(line: string): string;
  /**
   * The messages to pass on in place of this one. A message that was held back may come first. An end of a text that may be
   * the startOfOpenSecret of a secret is held back.
   */
  pass<Message extends Raw>(message: Message): Message[];
  /** The message that is still held back. To be called when no message follows. */
  rest(): Raw[];
}

/** A part of a secret with this many characters is treated like the whole secret. */
const REVEALING_LENGTH = 8;

/**
 * Guards against these texts. An agent streams a text in pieces, and a secret may be spread over several of them. So the
 * end of a piece that may be the startOfOpenSecret of a secret is held back until the next message shows whether it is.
 */
export function createSecretGuard(secrets: readonly string[]): SecretGuard {
  // Each secret, and its escaped form in JSON. Longer ones first: one may be part of another.
  const forms = new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
  const known = [...forms].sort((one, other) => other.length - one.length);
  const matcher = matcherOf([...secrets].sort((one, other) => other.length - one.length));
  const cleanText = (text: string) => known.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
  let held: { readonly message: Raw; readonly stream: string; readonly text: string } | undefined;

  /** The index at which a secret may begin that does not end within the text; the text's length if there is none. */
  function startOfOpenSecret(text: string): number {
    const longest = Math.min(text.length, (known[0]?.length ?? 1) - 1);
    for (let at = text.length - longest; at < text.length; at += 1) {
      const end = text.slice(at);
      if (known.some((secret) => secret.length > end.length && secret.startsWith(end))) return at;
    }
    return text.length;
  }

  function release(): Raw[] {
    if (held === undefined) return [];
    const { message, text } = held;
    held = undefined;
    return [withPiece(message, text.length < REVEALING_LENGTH ? text : REDACTED)];
  }

  return {
    // Without this: passes a secret on whose characters are escaped
    clean: (line) => line.replace(matcher, (found, place: number) => (isEscaped(line, place) ? found : REDACTED)),
    rest: release,
    pass<Message extends Raw>(message: Message) {
      const piece = pieceOf(message);
      const before = held !== undefined && held.stream === piece?.stream ? held.text : undefined;
      const out: Raw[] = before === undefined ? release() : [];
      if (piece === undefined) return [...out, message] as Message[];
      held = undefined;
      const text = cleanText((before ?? '') + piece.text);
      const end = startOfOpenSecret(text);
      if (end < text.length) held = { message, stream: piece.stream, text: text.slice(end) };
      if (end > 0)
        out.push(text === piece.text && end === text.length ? message : withPiece(message, text.slice(0, end)));
      return out as Message[];
    },
  };
}

/**
 * Matches the secrets in a line of JSON, however their characters are escaped in it. The line is searched as it is: an agent may
 * escape millions of characters in one, and to undo that would take seconds.
 */
function matcherOf(secrets: readonly string[]): RegExp {
  const spelled = secrets.map((secret) => secret.split('').map(spellings).join(''));
  return new RegExp(spelled.join('|'), 'g');
}

/** All ways to write a UTF-16 unit in JSON. */
function spellings(unit: string): string {
  const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
  const digits = hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  const ways = new Set([unit, JSON.stringify(unit).slice(1, -1), unit === '/' ? '\\/' : unit]);
  return `(?:${[...ways].map(quoted).join('|')}|\\\\u${digits})`;
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Whether a backslash before this place belongs to what follows it. */
function isEscaped(line: string, place: number): boolean {
  let before = place;
  while (line[before - 1] === '\\') before -= 1;
  return (place - before) % 2 === 1;
}
