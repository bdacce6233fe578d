import { NO_BOUNDS, NOTHING_SPENT, type SessionFold } from './fold.js';

/** Serialises a fold. It replaces the events that led to it once they are removed. */
export function encodeFold(fold: SessionFold): string {
  return JSON.stringify({ ...fold, answered: [...fold.answered] });
}

type Stored = Omit<SessionFold, 'answered' | 'spent'> & { answered: string[]; spent?: SessionFold['spent'] };

/** Parses the result of `encodeFold`, also of a release that did not have all of its fields. */
export function decodeFold(text: string): SessionFold {
  const { answered, spent, ...fold } = JSON.parse(text) as Stored;
  // Without this: shows no session whose events an older release has removed
  const state = { ...NO_BOUNDS, ...fold.state } as SessionFold['state'];
  return { ...fold, state, spent: spent ?? NOTHING_SPENT, answered: new Set(answered) };
}
