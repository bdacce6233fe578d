import type { SessionFold } from './fold.js';

/** Writes a fold down, to stand for the events that led to it once they are no longer kept. */
export function encodeFold(fold: SessionFold): string {
  return JSON.stringify({ ...fold, answered: [...fold.answered] });
}

/** Reads what `encodeFold` has written. */
export function decodeFold(text: string): SessionFold {
  const { answered, ...fold } = JSON.parse(text) as Omit<SessionFold, 'answered'> & { answered: string[] };
  return { ...fold, answered: new Set(answered) };
}
