/** What happened in a scenario, for people. */
export interface Transcript {
  /** Adds a line. */
  note(text: string): void;
  toString(): string;
}

/** Lines that are kept at each end. */
const KEPT = 30;

/** A transcript that begins now. Of many lines it keeps the first and the last. */
export function createTranscript(): Transcript {
  const began = performance.now();
  const lines: string[] = [];
  return {
    note(text) {
      lines.push(`${String(Math.round(performance.now() - began)).padStart(6)} ms  ${text}`);
    },
    toString: () => shorten(lines).join('\n'),
  };
}

/** The first and the last of many lines, with what lies between as a number. */
export function shorten(lines: readonly string[]): string[] {
  if (lines.length <= 2 * KEPT) return [...lines];
  return [...lines.slice(0, KEPT), `… ${lines.length - 2 * KEPT} more …`, ...lines.slice(-KEPT)];
}
