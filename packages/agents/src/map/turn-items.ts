import type { AgentEvent } from '../agent-event.js';
import type { EditBudget } from '../edit-budget.js';
import type { KnownIds } from './known-ids.js';
import { createMessage, type Message, type MessageKind } from './message.js';
import { type Raw, readText } from './read.js';
import { createToolCall, isBeginning, type ToolCall } from './tool-call.js';
import { readParent } from './tool-call-fields.js';

/** The items of one turn, with the boundaries that ACP does not have. */
export interface TurnItems {
  /**
   * Whether an update belongs to an earlier turn: it has the id of a message or a tool call of one, or is text without an id
   * that follows such an update, by an agent that gives its messages ids. To be called with each update in order.
   */
  isLate(update: Raw): boolean;
  /** Adds a chunk to the open message of its speaker, or to a new one if the kind or the agent's message id differs. */
  chunk(type: MessageKind, update: Raw): void;
  /** Ends all open messages: something that is not part of them has come. */
  endMessage(): void;
  /** Begins or changes a tool call; `undefined` for an update without an id. */
  toolCall(update: Raw): ToolCall | undefined;
  /** Completes what is open. `failed`: tool calls without an end have failed; otherwise {@link ToolCall.close} decides. */
  end(failed: boolean): void;
}

/** How many tool calls of a turn may be open at once, and how many are remembered after their end. */
const MAX_OPEN_CALLS = 256;
const MAX_KNOWN_CALLS = 10_000; // and messages
/** How many sub-agents may speak at once; then what the first of them says is an item of its own. */
const MAX_OPEN_MESSAGES = 16;

/** Starts a turn without items. */
export function createTurnItems({
  turn_id,
  newId,
  emit,
  budget,
  earlier,
}: {
  readonly turn_id: string;
  readonly newId: () => string;
  readonly emit: (event: AgentEvent) => void;
  readonly budget: EditBudget;
  /** What earlier turns consisted of. The ids of this one are added at its end. */
  readonly earlier: KnownIds;
}): TurnItems {
  /** The open messages, each of one speaker: the agent itself (undefined), or the sub-agent of a tool call. */
  const messages = new Map<string | undefined, Message>();
  const calls = new Map<string, ToolCall>();
  const open = new Set<ToolCall>();
  const messageIds = new Set<string>();
  let afterLate = false;

  const parentOf = (update: Raw) => calls.get(readParent(update) ?? '')?.itemId;
  const endMessageOf = (parent: string | undefined) => {
    const message = messages.get(parent);
    messages.delete(parent);
    if (message) emit({ type: 'item_completed', turn_id, item: message.item() });
  };
  const endMessage = () => {
    for (const parent of [...messages.keys()]) endMessageOf(parent);
  };
  const completeCall = (call: ToolCall, turnFailed = false) => {
    open.delete(call);
    call.close(turnFailed);
    emit({ type: 'item_completed', turn_id, item: call.item() });
    call.release();
  };
  const openCall = (id: string, update: Raw): ToolCall => {
    const known = update.sessionUpdate === 'tool_call' ? undefined : earlier.calls.get(id);
    const call = createToolCall(newId(), { ...known, ...update }, budget, parentOf(update));
    calls.set(id, call);
    open.add(call);
    emit({ type: 'item_started', turn_id, item: call.item() });
    if (call.done) completeCall(call);
    // Memory is bounded: beyond the limits, the oldest call is completed, and later forgotten.
    const [oldest] = open;
    if (open.size > MAX_OPEN_CALLS && oldest) completeCall(oldest);
    const [first] = calls.keys();
    if (calls.size > MAX_KNOWN_CALLS && first !== undefined) calls.delete(first);
    return call;
  };

  const isOfEarlier = (update: Raw): boolean => {
    switch (update.sessionUpdate) {
      case 'tool_call_update': {
        const id = readText(update.toolCallId) ?? '';
        const call = calls.has(id) ? undefined : earlier.calls.get(id);
        return call !== undefined && !(call.saidEnd && isBeginning(update.status));
      }
      case 'agent_message_chunk':
      case 'agent_thought_chunk': {
        const id = readText(update.messageId);
        if (id === undefined) return afterLate && messageIds.size + earlier.messages.size > 0;
        return earlier.messages.has(id) && !messageIds.has(id);
      }
      default:
        return false;
    }
  };

  return {
    isLate(update) {
      afterLate = isOfEarlier(update);
      return afterLate;
    },
    endMessage,
    chunk(type, update) {
      const messageId = readText(update.messageId);
      if (messageId !== undefined && messageIds.size < MAX_KNOWN_CALLS) messageIds.add(messageId);
      const parent = parentOf(update);
      let message = messages.get(parent);
      const another = messageId !== undefined && message?.messageId !== messageId;
      if (message && (message.type !== type || another)) {
        endMessageOf(parent);
        message = undefined;
      }
      if (!message) {
        message = createMessage(type, newId(), messageId, parent);
        // Without this: mixes what sub-agents say at the same time
        messages.set(parent, message);
        const [oldest] = messages.keys();
        if (messages.size > MAX_OPEN_MESSAGES) endMessageOf(oldest);
        emit({ type: 'item_started', turn_id, item: message.item() });
      }
      const delta = message.append(update.content);
      if (delta) emit({ type: 'item_delta', turn_id, item_id: message.itemId, delta });
    },
    toolCall(update) {
      const id = readText(update.toolCallId);
      if (id === undefined) return undefined;
      endMessageOf(parentOf(update));
      const call = calls.get(id);
      if (!call || call.isReusedBy(update)) return openCall(id, update);
      const { deltas, changes, completed } = call.apply(update);
      for (const delta of deltas) emit({ type: 'item_delta', turn_id, item_id: call.itemId, delta });
      if (changes) emit({ type: 'item_updated', turn_id, item_id: call.itemId, changes });
      if (completed) completeCall(call);
      return call;
    },
    end(failed) {
      endMessage();
      for (const call of open) completeCall(call, failed);
      earlier.add(
        Array.from(calls, ([id, call]) => [id, call.summary()]),
        messageIds,
      );
    },
  };
}
