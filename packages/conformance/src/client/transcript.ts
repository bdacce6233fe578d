/** What happened in a scenario, in lines for people to read. */
export interface Transcript {
  /** Adds a line. */
  note(text: string): void;
  toString(): string;
}

/** How many lines are kept at each end. */
const KEPT = 30;

/** Begins a transcript; its times count from now. If there are many lines, it keeps the first and the last ones. */
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

/** The first and the last of many lines, and how many were left out between them. */
export function shorten(lines: readonly string[]): string[] {
  if (lines.length <= 2 * KEPT) return [...lines];
  return [...lines.slice(0, KEPT), `… ${lines.length - 2 * KEPT} more …`, ...lines.slice(-KEPT)];
}
