/** Bytes that arrive in pieces. */
export interface CollectedBytes {
  /** How many there are. */
  readonly length: number;
  /** Takes a copy of the next piece. */
  add(piece: Buffer): void;
  /** All of them, in order. */
  whole(): Buffer;
}

/** The bytes of the first buffer. */
const FIRST = 16_384;

/**
 * Collects bytes in one buffer that doubles when it is full. A list of pieces would cost more than a hundred bytes for each
 * piece, and a sender may send pieces of one byte.
 *
 * @param most how many are expected at most: the buffer is no larger at first
 */
export function collectBytes(most = FIRST): CollectedBytes {
  let buffer = Buffer.allocUnsafe(Math.min(most, FIRST));
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(piece) {
      const needed = length + piece.length;
      if (needed > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.max(needed, 2 * buffer.length));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      piece.copy(buffer, length);
      length = needed;
    },
    whole: () => buffer.subarray(0, length),
  };
}
