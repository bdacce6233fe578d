import type {
  CommandOutputContent,
  Delta,
  ToolCallChanges,
  ToolCallContent,
  ToolCallItem,
  ToolCallLocation,
  ToolKind,
} from '@parleyhq/contract';
import type { ProposedEdit } from '../requests.js';
import { mapContent } from './content.js';
import { diffContent } from './diff-content.js';
import { cutText } from './fit-event.js';
import { compact, type Raw, readCount, readObject, readObjects, readOneOf, readText } from './read.js';

/** What one update of a tool call did to it. */
export interface ToolCallStep {
  readonly deltas: readonly Delta[];
  /** The other fields that changed. */
  readonly changes?: ToolCallChanges;
  /** The call has just come to its end: the item is complete. */
  readonly completed: boolean;
}

/** One tool call while it runs, and what is left of it afterwards. */
export interface ToolCall {
  readonly itemId: string;
  readonly done: boolean;
  /** The item whole, as it stands. */
  item(): ToolCallItem;
  /** Its diffs, never cut. */
  edits(): readonly ProposedEdit[];
  apply(update: Raw): ToolCallStep;
  /** The agent left it open in a turn that came to no good end. */
  fail(): void;
  /** Ends it, if its status did not; nothing but its place is kept. */
  end(): void;
}

const KINDS: readonly ToolKind[] = [
  ...(['read', 'edit', 'delete', 'move', 'search'] as const),
  ...(['execute', 'think', 'fetch', 'switch_mode', 'other'] as const),
];
const STATUSES = ['pending', 'in_progress', 'completed', 'failed'] as const;
/** More of one text than an event can carry is not kept. */
const MAX_KEPT_TEXT = 256 * 1024;
const MAX_RAW = 32 * 1024;

/** What the agent declared as content; `terminal` stands for the output that comes through the vendors' `_meta`. */
type Declared = ToolCallContent | 'terminal';

/** Starts the item of a tool call with what its first update says. */
export function createToolCall(itemId: string, first: Raw): ToolCall {
  const id = readText(first.toolCallId, 256) || 'unnamed';
  let fields: Omit<ToolCallItem, 'content'> = {
    type: 'tool_call',
    item_id: itemId,
    tool_call_id: id,
    title: readText(first.title, 4096) ?? readText(first.name, 4096) ?? id,
    kind: 'other',
    status: 'pending',
    locations: [],
  };
  let declared: Declared[] = [];
  let edits: ProposedEdit[] = [];
  let output: CommandOutputContent | undefined;
  let done = false;

  const content = (): ToolCallContent[] => {
    const place = declared.indexOf('terminal');
    const blocks = declared.flatMap((block, index) => {
      if (block !== 'terminal') return block;
      return index === place ? (output ?? []) : [];
    });
    return output && place === -1 ? [...blocks, output] : blocks;
  };

  const apply = (update: Raw): ToolCallStep => {
    const before = content();
    const changes = readChanges(update, fields);
    fields = { ...fields, ...changes };
    const replaced = Array.isArray(update.content);
    if (replaced) {
      declared = readDeclared(update.content);
      edits = readEdits(update.content);
    }
    const printed = readOutput(update);
    if (printed) output = append(output, printed);

    const wasDone = done;
    done = fields.status === 'completed' || fields.status === 'failed';
    if (done && !wasDone) return { deltas: [], completed: true };
    const more = wasDone ? afterEnd(replaced, content(), printed) : whileOpen(before, content());
    const all = { ...changes, ...(more.content && { content: more.content }) };
    return { deltas: more.deltas, ...(Object.keys(all).length > 0 && { changes: all }), completed: false };
  };
  /** A turn may hold any number of calls that have ended: nothing of them stays but their place. */
  const release = () => {
    declared = [];
    edits = [];
    output = undefined;
    const { raw_input: _input, raw_output: _output, ...rest } = fields;
    fields = { ...rest, locations: [] };
  };
  apply(first);

  return {
    itemId,
    get done() {
      return done;
    },
    item: () => ({ ...fields, content: content() }),
    edits: () => edits,
    apply(update) {
      const step = apply(update);
      if (done && !step.completed) release(); // what came after the end is not kept either
      return step;
    },
    fail() {
      fields = { ...fields, status: 'failed' };
    },
    end() {
      done = true;
      release();
    },
  };
}

function whileOpen(before: ToolCallContent[], after: ToolCallContent[]) {
  const deltas = diffContent(before, after);
  return deltas ? { deltas, content: undefined } : { deltas: [], content: after };
}

/** Nothing to compare with any more: what is printed late is appended, what is replaced late replaces. */
function afterEnd(replaced: boolean, content: ToolCallContent[], printed: CommandOutputContent | undefined) {
  if (replaced) return { deltas: [], content };
  const deltas: Delta[] = printed?.text ? [{ type: 'command_output', text: printed.text }] : [];
  return { deltas, content: undefined };
}

function readChanges(update: Raw, fields: Omit<ToolCallItem, 'content'>): ToolCallChanges {
  const locations = Array.isArray(update.locations) ? readLocations(update.locations) : undefined;
  const said = {
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

function readRaw(value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  return JSON.stringify(value).length <= MAX_RAW ? value : undefined;
}

function readLocations(value: unknown): ToolCallLocation[] {
  return readObjects(value, 1024).flatMap((location) => {
    const path = readText(location.path, 4096);
    return path ? [compact({ path, line: readCount(location.line) })] : [];
  });
}

function readDeclared(value: unknown): Declared[] {
  return readObjects(value, 1023).flatMap((entry): Declared[] => {
    if (entry.type === 'terminal') return ['terminal'];
    if (entry.type !== 'diff') return [keep(mapContent(entry.type === 'content' ? entry.content : entry))];
    const path = readText(entry.path, 4096);
    if (!path) return [];
    const diff = {
      type: 'diff',
      path,
      old_text: readText(entry.oldText) ?? null,
      new_text: readText(entry.newText) ?? '',
    };
    return [diff as ToolCallContent];
  });
}

function readEdits(value: unknown): ProposedEdit[] {
  return readObjects(value, 1023).flatMap((entry) => {
    const path = readText(entry.path);
    if (entry.type !== 'diff' || !path) return [];
    return [{ path, oldText: readText(entry.oldText) ?? null, newText: readText(entry.newText) ?? '' }];
  });
}

/** Command output as Zed, Codex and Claude Code send it: beside the protocol, in `_meta`. */
function readOutput(update: Raw): CommandOutputContent | undefined {
  const meta = readObject(update._meta);
  if (!meta) return undefined;
  const text = readText((readObject(meta.terminal_output_delta) ?? readObject(meta.terminal_output))?.data) ?? '';
  const exit = readObject(meta.terminal_exit);
  if (text === '' && !exit) return undefined;
  if (!exit) return { type: 'command_output', text };
  const exit_code = typeof exit.exit_code === 'number' ? Math.trunc(exit.exit_code) : null;
  return { type: 'command_output', text, exit_code, signal: readText(exit.signal, 32) ?? null };
}

function append(output: CommandOutputContent | undefined, more: CommandOutputContent): CommandOutputContent {
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
