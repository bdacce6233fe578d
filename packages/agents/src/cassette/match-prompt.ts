import { readObjects, readText } from '../map/read.js';
import type { Scene } from './scenes.js';

/** Which of the recorded prompts comes next. */
export interface PromptCursor {
  readonly prompts: readonly Scene[];
  /** Undefined after a resumption: nobody knows how far the conversation had come. */
  next: number | undefined;
}

/** The scene that a prompt sets off and what differs, if that does not matter; or why there is none. */
export type PromptMatch = { readonly scene: Scene; readonly difference?: string } | { readonly problem: string };

/** More blocks are not compared. */
const MAX_BLOCKS = 1_000;

/**
 * Finds the recorded prompt that is played for one of the client, and moves on behind it. In order: the next one must
 * be the same, or, with `anyPrompt`, is taken all the same. After a resumption it is the first that is the same. `said`
 * is the client's prompt as it would have been recorded.
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

/** What makes two prompts the same: their texts, and their other blocks member by member, in any order. */
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
