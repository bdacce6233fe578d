import type { EditBudget } from '../edit-budget.js';
import type { ProposedEdit } from '../requests.js';
import { readObject, readText } from './read.js';

/** The edits of a tool call, as far as there was room for them. The room is given back when all who hold them have let go. */
export interface HeldEdits {
  readonly edits: readonly ProposedEdit[];
  /** How many more edits there are, of which not even the path is kept. */
  readonly omitted: number;
  /** To be called by another one who keeps the edits. */
  hold(): void;
  letGo(): void;
}

/** The most edits of one tool call. */
const MAX_EDITS = 1_023;
const MAX_PATH = 4_096;

/** No edits. */
export const NO_EDITS: HeldEdits = { edits: [], omitted: 0, hold: () => undefined, letGo: () => undefined };

/** Reads the diffs of a tool call's content: whole, or their paths alone, or none of them, as there is room in the budget. */
export function holdEdits(content: unknown, budget: EditBudget): HeldEdits {
  const proposed = readEdits(content);
  if (proposed.length === 0) return NO_EDITS;
  const whole = proposed.filter(({ path }) => path.length <= MAX_PATH).slice(0, MAX_EDITS);
  const pathsOnly = whole.map(({ path }) => ({ path, oldText: null, newText: null }));
  const edits = [whole, pathsOnly].find((kept) => budget.take(sizeOf(kept))) ?? [];
  const size = sizeOf(edits);
  let holders = 1;
  return {
    edits,
    omitted: proposed.length - edits.length,
    hold() {
      holders += 1;
    },
    letGo() {
      holders -= 1;
      if (holders === 0) budget.give(size);
    },
  };
}

function readEdits(content: unknown): ProposedEdit[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((value) => {
    const entry = readObject(value);
    const path = readText(entry?.path);
    if (entry?.type !== 'diff' || !path) return [];
    return [{ path, oldText: readText(entry.oldText) ?? null, newText: readText(entry.newText) ?? '' }];
  });
}

function sizeOf(edits: readonly ProposedEdit[]) {
  const texts = edits.flatMap(({ path, oldText, newText }) => [path, oldText ?? '', newText ?? '']);
  return { edits: edits.length, bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) };
}
