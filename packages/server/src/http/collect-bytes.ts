/** Bytes that arrive in pieces. */
export interface CollectedBytes {
  /** How many there are. */
  readonly length: number;
  /** Takes a copy of the next piece. */
  add(piece: Buffer): void;
  /** All of them, in order. */
  whole(): Buffer;
}

/**
 * Collects bytes in one buffer that doubles when it is full. A list of pieces would cost more than a hundred bytes for each
 * piece, and a sender may send pieces of one byte.
 */
export function collectBytes(): CollectedBytes {
  let buffer = Buffer.allocUnsafe(16_384);
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
