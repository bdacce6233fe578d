import type { Delta, ToolCallContent } from '@parleyhq/contract';

/**
 * The deltas that turn one content into another. ACP sends the whole content of a tool call with each update; if the log
 * did the same, it would grow quadratically. `undefined` if the new content does not extend the old one.
 */
export function diffContent(
  before: readonly ToolCallContent[],
  after: readonly ToolCallContent[],
): Delta[] | undefined {
  if (after.length < before.length) return undefined;
  const last = before.length - 1;
  const deltas: Delta[] = [];
  for (const [index, old] of before.entries()) {
    const block = after[index] as ToolCallContent;
    if (equal(old, block)) continue;
    const appended = index === last ? appendedText(old, block) : undefined;
    if (appended === undefined) return undefined;
    deltas.push(appended);
  }
  for (const content of after.slice(before.length)) deltas.push({ type: 'content', content });
  return deltas;
}

/** The text that was appended to a block. A delta of text always appends to the last block. */
function appendedText(old: ToolCallContent, block: ToolCallContent): Delta | undefined {
  if (old.type !== 'text' && old.type !== 'command_output') return undefined;
  if (block.type !== old.type || !block.text.startsWith(old.text)) return undefined;
  const text = block.text.slice(old.text.length);
  if (text === '' || !equal({ ...old, text: block.text }, block)) return undefined;
  return { type: old.type, text };
}

/** Compares two blocks. Blocks are flat: their members are strings and numbers. */
function equal(one: ToolCallContent, other: ToolCallContent): boolean {
  if (one === other) return true;
  const before: Readonly<Record<string, unknown>> = { ...one };
  const after: Readonly<Record<string, unknown>> = { ...other };
  const names = Object.keys(before);
  return names.length === Object.keys(after).length && names.every((name) => before[name] === after[name]);
}
