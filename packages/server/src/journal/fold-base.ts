import type { SessionFold } from './fold.js';

/** Serialises a fold. It replaces the events that led to it once they are removed. */
export function encodeFold(fold: SessionFold): string {
  return JSON.stringify({ ...fold, answered: [...fold.answered] });
}

/** Parses the result of `encodeFold`. */
export function decodeFold(text: string): SessionFold {
  const { answered, ...fold } = JSON.parse(text) as Omit<SessionFold, 'answered'> & { answered: string[] };
  return { ...fold, answered: new Set(answered) };
}
