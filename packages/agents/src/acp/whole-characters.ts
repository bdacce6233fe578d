import { wellFormedJson } from '@parleyhq/contract';
import { pieceOf, withPiece } from '../cassette/text-piece.js';
import type { Raw } from '../map/read.js';

/** Makes what an agent says well-formed Unicode. */
export interface WholeCharacters {
  /**
   * The messages to pass on in place of this one, without halves of surrogate pairs and without NUL: U+FFFD takes their place. A
   * half at the end of a piece of text waits for the other half, which the next piece may begin with.
   */
  pass<Message extends Raw>(message: Message): Message[];
  /** Whether a half waits. */
  readonly waits: boolean;
  /** The half that still waits, as U+FFFD. To be called when no message follows. */
  rest(): Raw[];
}

const FIRST_HALF_AT_END = /[\ud800-\udbff]$/;
const SECOND_HALF_AT_START = /^[\udc00-\udfff]/;

/** Creates it. Nothing waits yet. */
export function createWholeCharacters(): WholeCharacters {
  let waiting: { readonly message: Raw; readonly stream: string; readonly half: string } | undefined;

  function rest(): Raw[] {
    const held = waiting;
    waiting = undefined;
    return held === undefined ? [] : [withPiece(held.message, '\ufffd')];
  }

  return {
    rest,
    get waits() {
      return waiting !== undefined;
    },
    pass<Message extends Raw>(message: Message) {
      const piece = pieceOf(message);
      const continues = piece?.stream === waiting?.stream && SECOND_HALF_AT_START.test(piece?.text ?? '');
      const half = continues ? (waiting?.half ?? '') : '';
      const out = continues ? [] : rest();
      waiting = undefined;
      let whole: Raw = half === '' ? message : withPiece(message, half + piece?.text);
      const text = half + (piece?.text ?? '');
      if (piece !== undefined && FIRST_HALF_AT_END.test(text)) {
        waiting = { message, stream: piece.stream, half: text.slice(-1) };
        if (text.length === 1) return out as Message[];
        whole = withPiece(message, text.slice(0, -1));
      }
      return [...out, wellFormed(whole)] as Message[];
    },
  };
}

function wellFormed(message: Raw): Raw {
  return JSON.parse(wellFormedJson(JSON.stringify(message)));
}

/** Whether a line of JSON may have a part that is not well-formed. */
export function isSuspicious(line: string): boolean {
  return line.includes('\\u') && SUSPICIOUS_ESCAPE.test(line);
}

const SUSPICIOUS_ESCAPE = /\\u(?:[dD][89a-fA-F]|0000)/;
