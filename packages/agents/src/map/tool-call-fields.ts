import type {
  CommandOutputContent,
  ToolCallChanges,
  ToolCallContent,
  ToolCallItem,
  ToolCallLocation,
  ToolKind,
} from '@parleyhq/contract';

import { mapContent } from './content.js';
import { cutText } from './fit-event.js';
import { compact, isDeeper, type Raw, readCount, readObject, readObjects, readOneOf, readText } from './read.js';

/** The content that the agent declared. `terminal` stands for the command output that arrives in `_meta`. */
export type DeclaredContent = ToolCallContent | 'terminal';

/** The fields of a tool call, without its content. */
export type ToolCallFields = Omit<ToolCallItem, 'content'>;

const KINDS: readonly ToolKind[] = [
  ...(['read', 'edit', 'delete', 'move', 'search'] as const),
  ...(['execute', 'think', 'fetch', 'switch_mode', 'other'] as const),
];
const STATUSES = ['pending', 'in_progress', 'completed', 'failed'] as const;
/** More of one text than fits into an event is not kept. */
const MAX_KEPT_TEXT = 256 * 1024;
const MAX_RAW = 32 * 1024;
const MAX_DEPTH = 64;

/** The fields of an update that differ from the current ones. */
export function readChanges(update: Raw, fields: ToolCallFields): ToolCallChanges {
  const locations = Array.isArray(update.locations) ? readLocations(update.locations) : undefined;
  const said = {
    name: readToolName(update),
    title: readText(update.title, 4096),
    kind: typeof update.kind === 'string' ? (readOneOf(update.kind, KINDS) ?? 'other') : undefined,
    status: readOneOf(update.status, STATUSES),
    locations,
    raw_input: readRaw(update.rawInput),
    raw_output: readRaw(update.rawOutput),
  };
  const known: Readonly<Record<string, unknown>> = { ...fields };
  const changed = Object.entries(said).filter(
    ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(known[name]),
  );
  return Object.fromEntries(changed);
}

/** The name of the tool: Claude Code and Zed have it in `_meta`, which ACP does not define. */
function readToolName(update: Raw): string | undefined {
  const meta = readObject(update._meta);
  const names = [update.name, readObject(meta?.claudeCode)?.toolName, meta?.tool_name];
  return names.map((name) => readText(name, 256)).find(Boolean);
}

/** The agent's id of the tool call by which it gave this to a sub-agent: in `_meta` of Claude Code. */
export function readParent(update: Raw): string | undefined {
  return readText(readObject(readObject(update._meta)?.claudeCode)?.parentToolUseId);
}

function readRaw(value: unknown): unknown {
  if (value === undefined || value === null || isDeeper(value, MAX_DEPTH)) return undefined;
  return JSON.stringify(value).length <= MAX_RAW ? value : undefined;
}

function readLocations(value: unknown): ToolCallLocation[] {
  return readObjects(value, 1024).flatMap((location) => {
    const path = readText(location.path, 4096);
    return path ? [compact({ path, line: readCount(location.line) })] : [];
  });
}

/** The content that an update declares. It replaces what was declared before. */
export function readDeclared(value: unknown): DeclaredContent[] {
  return readObjects(value, 1023).flatMap((entry): DeclaredContent[] => {
    if (entry.type === 'terminal') return ['terminal'];
    if (entry.type !== 'diff') return [keep(mapContent(entry.type === 'content' ? entry.content : entry))];
    const path = readText(entry.path, 4096);
    if (!path) return [];
    const old = readText(entry.oldText);
    const before = old === undefined ? undefined : cutText(old, MAX_KEPT_TEXT);
    const after = cutText(readText(entry.newText) ?? '', MAX_KEPT_TEXT);
    const cut = (before?.cut ?? 0) + after.cut;
    const diff = { type: 'diff', path, old_text: before?.text ?? null, new_text: after.text };
    return [{ ...diff, ...(cut > 0 && { truncated_bytes: cut }) } as ToolCallContent];
  });
}

/**
 * Command output in the form of Zed, Codex and Claude Code: in `_meta`, which ACP does not define. A command that has `ended` does
 * not end again.
 */
export function readOutput(update: Raw, ended: boolean): CommandOutputContent | undefined {
  const meta = readObject(update._meta);
  if (!meta) return undefined;
  const text = readText((readObject(meta.terminal_output_delta) ?? readObject(meta.terminal_output))?.data) ?? '';
  // Without this: writes all the output that is kept again for each end of a command
  const exit = ended ? undefined : readObject(meta.terminal_exit);
  if (text === '' && !exit) return undefined;
  if (!exit) return { type: 'command_output', text };
  const exit_code = typeof exit.exit_code === 'number' ? Math.trunc(exit.exit_code) : null;
  return { type: 'command_output', text, exit_code, signal: readText(exit.signal, 32) ?? null };
}

/** The output of a command so far. More than fits into an event is counted but not kept. */
export function appendOutput(
  output: CommandOutputContent | undefined,
  more: CommandOutputContent,
): CommandOutputContent {
  const cutBefore = output?.truncated_bytes ?? 0;
  if (cutBefore > 0)
    return { ...output, ...more, text: output?.text ?? '', truncated_bytes: cutBefore + Buffer.byteLength(more.text) };
  return keep({ ...output, ...more, text: (output?.text ?? '') + more.text });
}

function keep<Block extends ToolCallContent>(block: Block): Block {
  if (!('text' in block) || block.text === undefined || block.text.length <= MAX_KEPT_TEXT) return block;
  const { text, cut } = cutText(block.text, MAX_KEPT_TEXT);
  return cut > 0 ? { ...block, text, truncated_bytes: (block.truncated_bytes ?? 0) + cut } : block;
}
