import type { Environment } from '../definition.js';
import type { Raw } from '../map/read.js';
import type { CassetteEntry } from './cassette.js';
import { mapTexts } from './map-texts.js';
import { createPlaceRemover } from './places.js';
import { createSecretRemover } from './secrets.js';
import { pieceOf, withPiece } from './text-piece.js';

/** Removes secrets and the folders of this machine from entries before they are written. */
export interface Scrubber {
  /** From now on this folder is written as a placeholder. */
  learnCwd(folder: string): void;
  /** Writes the entry, now or once it is known whether a secret begins at its end. Entries keep their order. */
  take(entry: CassetteEntry): void;
  /** Writes what is held back. */
  flush(): void;
}

/** At most this many pieces are held back: no secret is longer. */
const MAX_HELD_PIECES = 256;

/** Pieces are written after this time even if no other entry follows. */
const MAX_HELD_MS = 2_000;

/** Neither a secret nor a path contains one of these. */
const BOUNDARY = /[\s\u0080-\uffff]/;

/**
 * Creates a scrubber. An agent may send a secret in several pieces, and none of them looks like a secret. So pieces of a
 * text that continue a word are held back until the word ends. If cleaning the pieces one by one would miss a secret of the
 * whole word, the word is written as one piece.
 */
export function createScrubber(env: Environment, write: (entry: CassetteEntry) => void): Scrubber {
  const places = createPlaceRemover(env.HOME);
  const secrets = createSecretRemover(env);
  const clean = (text: string, name?: string) => secrets.remove(places.remove(text), name);
  const scrub = (entry: CassetteEntry) => mapTexts(entry, clean) as CassetteEntry;

  let held: { readonly entry: CassetteEntry & { readonly message: Raw }; readonly text: string }[] = [];
  let stream: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    const [first, ...others] = held;
    held = [];
    if (!first) return;
    const whole = clean([first, ...others].map(({ text }) => text).join(''));
    const pieces = [first, ...others].map(({ text }) => clean(text));
    if (pieces.join('') === whole) for (const { entry } of [first, ...others]) write(scrub(entry));
    else write(scrub({ ...first.entry, message: withPiece(first.entry.message, whole) }));
  };

  return {
    learnCwd: places.learnCwd,
    take(entry) {
      const piece = 'message' in entry ? pieceOf(entry.message) : undefined;
      const goesOn =
        piece?.stream === stream &&
        held.length < MAX_HELD_PIECES &&
        !BOUNDARY.test(piece?.text.at(0) ?? ' ') &&
        !BOUNDARY.test(held.at(-1)?.text.at(-1) ?? ' ');
      if (!goesOn) flush();
      stream = piece?.stream;
      if (!piece || !('message' in entry)) return write(scrub(entry));
      held.push({ entry, text: piece.text });
      clearTimeout(timer);
      timer = setTimeout(flush, MAX_HELD_MS);
      timer.unref();
    },
    flush,
  };
}
