import type { ContentBlock, Delta, Item, TextContent } from '@parleyhq/contract';
import { mapContent } from './content.js';
import { cutText } from './fit-event.js';

/** The kinds of items that are streamed as chunks. */
export type MessageKind = 'agent_message' | 'reasoning' | 'user_message';

/** A message while it streams. */
export interface Message {
  readonly type: MessageKind;
  readonly itemId: string;
  /** The agent's own id of the message, if it gives one. A chunk with another id belongs to another message. */
  readonly messageId: string | undefined;
  /** The whole item so far. Text that is too long for an event is cut. */
  item(): Item;
  /** Adds the content of a chunk. Returns the delta, or `undefined` for an empty chunk. */
  append(content: unknown): Delta | undefined;
}

/** More than fits into one event is not kept: it was sent as deltas. */
const MAX_KEPT_BYTES = 256 * 1024;
const MAX_BLOCKS = 1023;

/** Starts an empty message. `parent` is the item of the call by whose sub-agent it is said. */
export function createMessage(type: MessageKind, itemId: string, messageId?: string, parent?: string): Message {
  const content: ContentBlock[] = [];
  let pieces: string[] = []; // of the last text block; joined when the item is read
  let kept = 0;
  let cut = 0;

  const joinPieces = () => {
    const last = content.at(-1);
    if (pieces.length === 0 || last?.type !== 'text') return;
    content[content.length - 1] = { ...last, text: last.text + pieces.join('') };
    pieces = [];
  };
  const appendText = (text: string) => {
    if (content.at(-1)?.type !== 'text') content.push({ type: 'text', text: '' });
    const fitting = cutText(text, MAX_KEPT_BYTES - kept);
    kept += Buffer.byteLength(fitting.text);
    cut += fitting.cut;
    if (fitting.text !== '') pieces.push(fitting.text);
  };

  return {
    type,
    itemId,
    messageId,
    item() {
      joinPieces();
      const blocks = content.slice();
      const last = blocks.findLastIndex((block) => block.type === 'text');
      if (cut > 0 && last !== -1) blocks[last] = { ...(blocks[last] as TextContent), truncated_bytes: cut };
      const of = parent === undefined || type === 'user_message' ? {} : { parent_item_id: parent };
      return { type, item_id: itemId, ...of, content: blocks };
    },
    append(value) {
      const block = mapContent(value);
      if (block.type === 'text' && block.truncated_bytes === undefined) {
        if (block.text === '') return undefined;
        appendText(block.text);
        return { type: 'text', text: block.text };
      }
      joinPieces();
      const bytes = Buffer.byteLength(JSON.stringify(block));
      if (content.length < MAX_BLOCKS && kept + bytes <= MAX_KEPT_BYTES) {
        content.push(block);
        kept += bytes;
      }
      return { type: 'content', content: block };
    },
  };
}
