import { REDACTED } from '../cassette/cassette.js';
import { pieceOf, withPiece } from '../cassette/text-piece.js';
import type { Raw } from '../map/read.js';

/** Takes known secrets out of what an agent says. */
export interface SecretGuard {
  /** A line without them. */
  clean(line: string): string;
  /** The messages to go on with: what was held back may come before, and what may begin a secret is held back. */
  pass<Message extends Raw>(message: Message): Message[];
  /** What is held back, once nothing follows. */
  rest(): Raw[];
}

/** So much of a secret is one already: a text that ends within it is not told. */
const TELLING_PART = 8;

/**
 * Guards against these texts. An agent streams a text in pieces, and no piece holds the secret whole: the end of a piece
 * that may be the beginning of one is held back until the next message says whether it is.
 */
export function createSecretGuard(secrets: readonly string[]): SecretGuard {
  // As they stand in JSON too. Longer ones first: one may be part of another.
  const forms = new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
  const known = [...forms].sort((one, other) => other.length - one.length);
  const clean = (text: string) => known.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
  let held: { readonly message: Raw; readonly stream: string; readonly text: string } | undefined;

  /** Where a secret may begin that goes on behind the text; the text's length for nowhere. */
  function beginning(text: string): number {
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
    return [withPiece(message, text.length < TELLING_PART ? text : REDACTED)];
  }

  return {
    clean,
    rest: release,
    pass<Message extends Raw>(message: Message) {
      const piece = pieceOf(message);
      const before = held !== undefined && held.stream === piece?.stream ? held.text : undefined;
      const out: Raw[] = before === undefined ? release() : [];
      if (piece === undefined) return [...out, message] as Message[];
      held = undefined;
      const text = clean((before ?? '') + piece.text);
      const end = beginning(text);
      if (end < text.length) held = { message, stream: piece.stream, text: text.slice(end) };
      if (end > 0)
        out.push(text === piece.text && end === text.length ? message : withPiece(message, text.slice(0, end)));
      return out as Message[];
    },
  };
}
