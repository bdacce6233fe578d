import { type Raw, readObjects, readText } from '../../map/read.js';
import { createSaid, type Said } from './said.js';
import { forgetOldest, idOf, notice, type Update } from './wire.js';

/** Messages and thoughts. In version 2 an agent may also give the whole of one, or replace what it has said. */
export interface Spoken {
  /** A piece: `agent_message_chunk` and the like. */
  chunk(update: Update): Update[];
  /** A whole: `agent_message` and the like. What was said of it before is not repeated. */
  whole(update: Update): Update[];
}

/** So many messages are known; the whole of an older one is taken for a new one. */
const MAX_MESSAGES = 1_000;

/** Creates it. */
export function createSpoken(): Spoken {
  const known = new Map<string, { said: Said; version: number }>();

  /** Each kind of message has ids of its own. */
  const entryOf = (kind: string, messageId: unknown) => {
    const key = `${kind}/${idOf(messageId)}`;
    const entry = known.get(key) ?? { said: createSaid(), version: 0 };
    known.set(key, entry);
    forgetOldest(known, MAX_MESSAGES);
    return { entry, shownId: () => (entry.version === 0 ? key : `${key}/${entry.version}`) };
  };

  return {
    chunk(update) {
      if (readText(update.messageId) === undefined) return [update];
      const { entry, shownId } = entryOf(String(update.sessionUpdate), update.messageId);
      entry.said.add(spell(update.content));
      return [{ ...update, messageId: shownId() }];
    },
    whole({ content, ...update }) {
      if (content === undefined) return [];
      const kind = `${update.sessionUpdate}_chunk`;
      const { entry, shownId } = entryOf(kind, update.messageId);
      const blocks = readObjects(content, Number.POSITIVE_INFINITY);
      const all = blocks.map(spell).join('');
      const before = entry.said.length;
      // Without this: says again what an agent has said in pieces
      const rest = entry.said.begins(all) ? behind(blocks, before) : blocks;
      if (rest === blocks && before > 0) {
        // What was said cannot be unsaid here: what stands in its place is another message.
        entry.version += 1;
        entry.said = createSaid();
        if (blocks.length === 0) return [notice('info', 'The agent took back what it had said.')];
      }
      entry.said.add(rest.map(spell).join(''));
      return rest.map((block) => ({ ...update, sessionUpdate: kind, messageId: shownId(), content: block }));
    },
  };
}

/** A block as a text. That of a text is the text, so that it does not matter how it was cut into pieces. */
function spell(block: unknown): string {
  const { type, text } = Object(block) as Raw;
  return type === 'text' && typeof text === 'string' ? text : `\0${JSON.stringify(block)}\0`;
}

/** What is behind so many characters of the blocks. */
function behind(blocks: readonly Raw[], length: number): Raw[] {
  let left = length;
  return blocks.flatMap((block): Raw[] => {
    const size = spell(block).length;
    const from = Math.min(left, size);
    left -= from;
    if (from === size && size > 0) return [];
    return from > 0 && typeof block.text === 'string' ? [{ ...block, text: block.text.slice(from) }] : [block];
  });
}
