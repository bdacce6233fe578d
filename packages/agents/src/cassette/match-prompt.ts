import { readObjects, readText } from '../map/read.js';
import type { Scene } from './scenes.js';

/** Which of the recorded prompts comes next. */
export interface PromptCursor {
  readonly prompts: readonly Scene[];
  /** Undefined after a resumption: it is not known which prompts have been played. */
  next: number | undefined;
}

/** The scene to play for a prompt, with the difference if it is accepted; or the reason why there is none. */
export type PromptMatch = { readonly scene: Scene; readonly difference?: string } | { readonly problem: string };

/** Further blocks of a prompt are not compared. */
const MAX_BLOCKS = 1_000;

/**
 * Finds the recorded prompt for a prompt of the client, and moves the cursor behind it. The next recorded prompt must be
 * the same; with `anyPrompt` it is taken even if it differs. After a resumption, the first prompt that is the same is
 * taken. `said` is the client's prompt as it would have been recorded.
 */
export function matchPrompt(cursor: PromptCursor, said: unknown, anyPrompt: boolean): PromptMatch {
  const text = textOf(said);
  const { prompts, next } = cursor;
  if (next === undefined) {
    const found = prompts.findIndex(({ params }) => textOf(params.prompt) === text);
    if (found === -1 && !anyPrompt) {
      return { problem: `the conversation goes on, and no prompt on the tape is ${quote(text)}` };
    }
    cursor.next = Math.max(found, 0);
    return matchPrompt(cursor, said, anyPrompt);
  }
  const scene = prompts[next];
  if (!scene) {
    const count = prompts.length === 1 ? '1 prompt' : `${prompts.length} prompts`;
    return { problem: `the tape holds ${count} of this conversation; this is one more: ${quote(text)}` };
  }
  const difference = differenceOf(textOf(scene.params.prompt), text);
  if (difference !== undefined && !anyPrompt) {
    return {
      problem: `line ${scene.line} of the tape: prompt ${next + 1} differs from the recorded one: ${difference}`,
    };
  }
  cursor.next = next + 1;
  return difference === undefined ? { scene } : { scene, difference };
}

/** A text that is equal for equal prompts: the order of the members of a block and `_meta` do not count. */
function textOf(prompt: unknown): string {
  return readObjects(prompt, MAX_BLOCKS)
    .map((block) => readText(block.type === 'text' ? block.text : undefined) ?? JSON.stringify(sorted(block)))
    .join('\n');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== '_meta');
  return Object.fromEntries(members.sort(([one], [other]) => (one < other ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}

function differenceOf(recorded: string, said: string): string | undefined {
  if (recorded === said) return undefined;
  let at = 0;
  while (at < recorded.length && recorded[at] === said[at]) at += 1;
  const from = Math.max(0, at - 20);
  return `expected ${quote(recorded, from)}, got ${quote(said, from)}`;
}

function quote(text: string, from = 0): string {
  const part = text.slice(from, from + 80);
  return JSON.stringify(`${from > 0 ? '…' : ''}${part}${from + 80 < text.length ? '…' : ''}`);
}
