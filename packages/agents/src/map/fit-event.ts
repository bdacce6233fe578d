import type { ToolCallContent } from '@parleyhq/contract';
import type { AgentEvent } from '../agent-event.js';

/** The most bytes that an event may have as JSON, so that its frame stays below 256 KiB. */
export const MAX_EVENT_BYTES = 255 * 1024;

/** So many UTF-16 code units fit even if each is escaped as `\u0000`. */
const SURELY_FITS = MAX_EVENT_BYTES / 6 - 256;

/** The texts of a block that may be cut, and the count of the bytes that were cut. */
type Cuttable = { text?: string; old_text?: string | null; new_text?: string; truncated_bytes?: number };

/**
 * Makes an event fit into 256 KiB: its longest texts are cut to the same length, and `truncated_bytes` says by how much.
 * Returns `undefined` for an event that is still too long.
 */
export function fitEvent(event: AgentEvent): AgentEvent | undefined {
  if (event.type === 'item_delta' && event.delta.type !== 'content' && event.delta.text.length < SURELY_FITS) {
    return event; // the most frequent kind of event by far: not measured
  }
  if (jsonBytes(event) <= MAX_EVENT_BYTES) return event;
  const dropped = withoutRaw(event);
  let shorter = dropped;
  for (let cap = MAX_EVENT_BYTES / 2; cap > 64; cap = Math.floor(cap * 0.75)) {
    // What was cut before is cut further, so that a long text is gone through once.
    shorter = cutTexts(shorter, cap);
    if (jsonBytes(shorter) <= MAX_EVENT_BYTES) return shorter;
  }
  return undefined;
}

/** Cuts a text to at most `cap` bytes of UTF-8, never inside a character. */
export function cutText(text: string, cap: number): { text: string; cut: number } {
  const bytes = Buffer.byteLength(text);
  if (bytes <= cap) return { text, cut: 0 };
  // Each unit of a text is a byte or more, so that what is kept is among the first of them.
  const start = Buffer.from(text.slice(0, cap));
  let end = Math.min(cap, start.length);
  // A byte 10xxxxxx goes on with a character: the cut is before the byte that begins it.
  // Without this: cuts inside of a character
  while (end > 0 && ((start[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return { text: start.toString('utf8', 0, end), cut: bytes - end };
}

function cutTexts(event: AgentEvent, cap: number): AgentEvent {
  switch (event.type) {
    case 'item_started':
    case 'item_completed':
      return { ...event, item: { ...event.item, content: cutBlocks(event.item.content, cap) } } as AgentEvent;
    case 'item_updated':
      if (!event.changes.content) return event;
      return { ...event, changes: { ...event.changes, content: cutBlocks(event.changes.content, cap) } };
    case 'item_delta': {
      const { delta } = event;
      const cut = delta.type === 'content' ? { ...delta, content: cutBlock(delta.content, cap) } : cutBlock(delta, cap);
      return { ...event, delta: cut };
    }
    case 'plan_updated': {
      const entries = event.entries.map((entry) => ({ ...entry, content: cutText(entry.content, cap).text }));
      return { ...event, entries };
    }
    case 'session_updated':
    case 'usage_updated':
    case 'notice':
      return event; // all its fields are bounded
    default:
      return event satisfies never;
  }
}

function cutBlocks(blocks: readonly ToolCallContent[], cap: number): ToolCallContent[] {
  return blocks.map((block) => cutBlock(block, cap));
}

function cutBlock<Block extends object>(block: Block, cap: number): Block {
  const from: Cuttable = block;
  const to: Cuttable = { ...block };
  let cut = 0;
  for (const key of ['text', 'old_text', 'new_text'] as const) {
    const text = from[key];
    if (typeof text !== 'string') continue;
    const shorter = cutText(text, cap);
    to[key] = shorter.text;
    cut += shorter.cut;
  }
  if (cut > 0) to.truncated_bytes = (from.truncated_bytes ?? 0) + cut;
  return to as Block;
}

function withoutRaw(event: AgentEvent): AgentEvent {
  if (event.type === 'item_updated') {
    const { raw_input: _input, raw_output: _output, ...changes } = event.changes;
    return Object.keys(changes).length > 0 ? { ...event, changes } : event;
  }
  if ((event.type !== 'item_started' && event.type !== 'item_completed') || event.item.type !== 'tool_call')
    return event;
  const { raw_input: _input, raw_output: _output, ...item } = event.item;
  return { ...event, item };
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
