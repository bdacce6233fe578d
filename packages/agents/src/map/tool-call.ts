import type { CommandOutputContent, Delta, ToolCallChanges, ToolCallContent, ToolCallItem } from '@parleyhq/contract';

import type { EditBudget } from '../edit-budget.js';
import { diffContent } from './diff-content.js';
import { type HeldEdits, holdEdits, NO_EDITS } from './held-edits.js';
import type { EarlierCall } from './known-ids.js';
import { type Raw, readText } from './read.js';
import {
  appendOutput,
  type DeclaredContent,
  readChanges,
  readDeclared,
  readOutput,
  type ToolCallFields,
} from './tool-call-fields.js';

/** The effect of one update on a tool call. */
export interface ToolCallStep {
  readonly deltas: readonly Delta[];
  /** The other fields that changed. */
  readonly changes?: ToolCallChanges;
  /** Whether this update ended the call: its item is complete. */
  readonly completed: boolean;
}

/** One tool call. After its end, only its place in the turn is kept. */
export interface ToolCall {
  readonly itemId: string;
  readonly done: boolean;
  /** Whether an update begins another call, to which the agent has given the id of this one. */
  isReusedBy(update: Raw): boolean;
  /** The whole item so far. */
  item(): ToolCallItem;
  /** Its diffs. They are let go at its end. */
  edits(): HeldEdits;
  apply(update: Raw): ToolCallStep;
  /** To be called with the user's answer to its request for permission. */
  answered(allowed: boolean): void;
  /**
   * Ends a call that the agent has left open. It has failed if its turn has, if it was not allowed, or if it never began;
   * otherwise it is completed.
   */
  close(turnFailed: boolean): void;
  /** What later turns need to know of it. */
  summary(): EarlierCall;
  /** Frees its content. To be called when its end was told. */
  release(): void;
}

/**
 * Creates a tool call from its first update. Its diffs are kept as far as the budget has room. `parent` is the item of the call
 * that gave it to a sub-agent.
 */
export function createToolCall(itemId: string, first: Raw, budget: EditBudget, parent?: string): ToolCall {
  const id = readText(first.toolCallId, 256) || 'unnamed';
  let fields: ToolCallFields = {
    type: 'tool_call',
    item_id: itemId,
    ...(parent !== undefined && { parent_item_id: parent }),
    tool_call_id: id,
    title: readText(first.title, 4096) ?? readText(first.name, 4096) ?? id,
    kind: 'other',
    status: 'pending',
    locations: [],
  };
  let declared: DeclaredContent[] = [];
  let edits = NO_EDITS;
  let output: CommandOutputContent | undefined;
  let done = false;
  let saidEnd = false;
  let allowed: boolean | undefined;

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
      edits.letGo();
      edits = holdEdits(update.content, budget);
    }
    const printed = readOutput(update, output?.exit_code !== undefined);
    if (printed) output = appendOutput(output, printed);

    const wasDone = done;
    saidEnd ||= hasEnded(fields);
    done ||= saidEnd;
    if (done && !wasDone) return { deltas: [], completed: true };
    // Output is passed on as it comes, also what is not kept any more.
    // Without this: writes all the output that is kept again for each piece that is not
    const isMore = !replaced && printed !== undefined && printed.exit_code === undefined && content().at(-1) === output;
    const more =
      wasDone || (isMore && before.at(-1)?.type === 'command_output')
        ? afterEnd(replaced, content(), printed)
        : whileOpen(before, content());
    const all = { ...changes, ...(more.content && { content: more.content }) };
    return { deltas: more.deltas, ...(Object.keys(all).length > 0 && { changes: all }), completed: false };
  };
  /** Frees the content: a turn may have any number of calls that have ended. */
  const release = () => {
    declared = [];
    edits.letGo();
    edits = NO_EDITS;
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
    isReusedBy({ sessionUpdate, status }) {
      // Without this: takes another tool call for one that has ended, if the agent gives both one id
      return sessionUpdate === 'tool_call_update' ? saidEnd && isBeginning(status) : done;
    },
    item: () => ({ ...fields, content: content() }),
    edits: () => edits,
    apply(update) {
      const step = apply(update);
      if (done && !step.completed) release(); // updates after the end are not kept either
      return step;
    },
    answered(given) {
      allowed = given;
    },
    close(turnFailed) {
      if (hasEnded(fields)) return;
      const began = allowed ?? fields.status === 'in_progress';
      // Without this: leaves a tool call open when its turn has ended
      fields = { ...fields, status: began && !turnFailed ? 'completed' : 'failed' };
      done = true;
    },
    summary: () => ({ title: readText(fields.title, 256) ?? '', kind: fields.kind, saidEnd }),
    release,
  };
}

/** Whether a status is of a call that has not ended. */
export function isBeginning(status: unknown): boolean {
  return status === 'pending' || status === 'in_progress';
}

function hasEnded({ status }: ToolCallFields): boolean {
  return status === 'completed' || status === 'failed';
}

function whileOpen(before: ToolCallContent[], after: ToolCallContent[]) {
  const deltas = diffContent(before, after);
  return deltas ? { deltas, content: undefined } : { deltas: [], content: after };
}

/** The changes of an update after the end of a call. The old content is gone, so output is appended and content replaced. */
function afterEnd(replaced: boolean, content: ToolCallContent[], printed: CommandOutputContent | undefined) {
  if (replaced) return { deltas: [], content };
  const deltas: Delta[] = printed?.text ? [{ type: 'command_output', text: printed.text }] : [];
  return { deltas, content: undefined };
}
