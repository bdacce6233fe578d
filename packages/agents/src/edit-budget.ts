/** A number of proposed edits, and the bytes of their paths and texts. */
export interface EditSize {
  readonly edits: number;
  readonly bytes: number;
}

/** A bound on the proposed edits that are kept at the same time. Several agents can share one. */
export interface EditBudget {
  /** Takes room. False if there is not enough; then it takes nothing. */
  take(size: EditSize): boolean;
  /** Gives back what was taken. */
  give(size: EditSize): void;
}

/** Creates a budget. What is taken from it is taken from `shared` too. */
export function createEditBudget(most: EditSize, shared?: EditBudget): EditBudget {
  let { edits, bytes } = most;
  return {
    take(size) {
      // Without this: keeps whatever an agent asks consent for
      if (size.edits > edits || size.bytes > bytes) return false;
      if (shared?.take(size) === false) return false;
      edits -= size.edits;
      bytes -= size.bytes;
      return true;
    },
    give(size) {
      edits += size.edits;
      bytes += size.bytes;
      shared?.give(size);
    },
  };
}
