import type { ToolCallContent } from '@parleyhq/contract';
import { mapContent } from './content.js';
import { type Raw, readObject, readObjects, readText } from './read.js';
import { readDeclared, readOutput } from './tool-call-fields.js';

/** Collects what an agent says of a turn that has ended while another one runs. It becomes notices, which are in no turn. */
export interface LateOutput {
  /** Adds an update. `title` is that of its tool call, if it is known. */
  add(update: Raw, title?: string): void;
  /** Gives away what was collected, as texts for notices. */
  take(): string[];
}

/** A notice has room for 8,192 characters. */
const MAX_TEXT = 8_000;

/** Creates an empty collection. */
export function createLateOutput(): LateOutput {
  let said: { readonly id: unknown; readonly by: string; text: string }[] = [];
  return {
    add(update, title) {
      const [by, text] = describe(update, title);
      const id = update.toolCallId ?? update.messageId;
      const last = said.at(-1);
      if (last?.by === by && last.id === id) last.text += text;
      else if (text !== '') said.push({ id, by, text });
    },
    take() {
      const texts = said.flatMap(({ by, text }) => cut(text).map((piece) => `${by} ${piece}`));
      said = [];
      return texts;
    },
  };
}

/** Who says it, and what. */
function describe(update: Raw, title: string | undefined): readonly [by: string, text: string] {
  switch (update.sessionUpdate) {
    case 'agent_thought_chunk':
      return ['The agent thought, too late for its turn:', textOf(mapContent(update.content))];
    case 'user_message_chunk':
      return ['The agent repeated a message, too late for its turn:', textOf(mapContent(update.content))];
    case 'plan':
      return ['The agent planned, too late for its turn:', readObjects(update.entries, 256).map(entryOf).join('; ')];
    case 'tool_call':
    case 'tool_call_update': {
      const name = readText(update.title, 256) ?? title ?? readText(update.toolCallId, 256) ?? 'unnamed';
      const status = readText(update.status, 64);
      return [
        `The tool call "${name}" went on after its turn:`,
        [status, ...resultsOf(update)].filter(Boolean).join('\n'),
      ];
    }
    default:
      return ['The agent said, too late for its turn:', textOf(mapContent(update.content))];
  }
}

function resultsOf(update: Raw): string[] {
  const declared = readDeclared(update.content).map((block) => (block === 'terminal' ? '' : textOf(block)));
  const printed = readOutput(update, false);
  const shown = [...declared, ...(printed === undefined ? [] : [textOf(printed)])];
  const raw = update.rawOutput;
  return shown.some(Boolean) || raw === undefined || raw === null ? shown : [JSON.stringify(raw)];
}

function textOf(block: ToolCallContent): string {
  if ('text' in block && block.text !== undefined) return block.text;
  if (block.type === 'diff') return `${block.path}\n${block.new_text ?? ''}`;
  return 'uri' in block && block.uri !== undefined ? `[${block.uri}]` : `[${block.type}]`;
}

function entryOf(entry: Raw): string {
  return `${readText(readObject(entry)?.content) ?? ''} (${readText(entry.status, 64) ?? 'pending'})`;
}

function cut(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > MAX_TEXT) {
    const isPair = /[\ud800-\udbff]/.test(rest.charAt(MAX_TEXT - 1));
    pieces.push(rest.slice(0, isPair ? MAX_TEXT - 1 : MAX_TEXT));
    rest = rest.slice(pieces.at(-1)?.length);
  }
  return [...pieces, rest];
}
