import type { Screen } from '../../terminal/screen.js';
import type { Keyboard } from './keyboard.js';

/** What a person is asked with. */
export interface Person {
  readonly screen: Screen;
  readonly keyboard: Keyboard;
}

/** Shows keys with what they mean and waits for one of them. */
export type Choose = (question: string, keys: ReadonlyMap<string, string>, signal: AbortSignal) => Promise<string>;

/** What the key says that leaves a form. */
export const ESCAPE = '\u001b';
