import type { Screen } from '../../terminal/screen.js';
import type { Keyboard } from './keyboard.js';

/** The terminal of the person who is asked. */
export interface Person {
  readonly screen: Screen;
  readonly keyboard: Keyboard;
}

/** Shows a question and its keys with their meaning, and waits for one of the keys. */
export type Choose = (question: string, keys: ReadonlyMap<string, string>, signal: AbortSignal) => Promise<string>;

/** The character of the Escape key, which declines a form. */
export const ESCAPE = '\u001b';
