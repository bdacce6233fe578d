import { createHash } from 'node:crypto';

/** A text that grows, of which nothing but a hash is kept. */
export interface Said {
  readonly length: number;
  add(text: string): void;
  /** Whether a text begins with all of this one. */
  begins(text: string): boolean;
}

/** Creates an empty one. */
export function createSaid(): Said {
  const hash = createHash('sha256');
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(text) {
      hash.update(text, 'utf16le');
      length += text.length;
    },
    begins(text) {
      if (text.length < length) return false;
      const beginning = createHash('sha256').update(text.slice(0, length), 'utf16le').digest('hex');
      return hash.copy().digest('hex') === beginning;
    },
  };
}
