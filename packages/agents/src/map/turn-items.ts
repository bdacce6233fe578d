import type { AgentEvent } from '../agent-event.js';
import type { EditBudget } from '../edit-budget.js';
import { createMessage, type Message, type MessageKind } from './message.js';
import { type Raw, readText } from './read.js';
import { createToolCall, type ToolCall } from './tool-call.js';

/** The items of one turn, with the boundaries that ACP does not have. */
export interface TurnItems {
  /** Adds a chunk to the open message, or to a new one if the kind or the agent's message id differs. */
  chunk(type: MessageKind, update: Raw): void;
  /** Ends the open message: something that is not part of it has come. */
  endMessage(): void;
  /** Begins or changes a tool call; `undefined` for an update without an id. */
  toolCall(update: Raw): ToolCall | undefined;
  /** Completes what is open. `failed`: tool calls without an end have failed; otherwise {@link ToolCall.close} decides. */
  end(failed: boolean): void;
}

/** How many tool calls of a turn may be open at once, and how many are remembered after their end. */
const MAX_OPEN_CALLS = 256;
const MAX_KNOWN_CALLS = 10_000;

/** Starts a turn without items. */
export function createTurnItems({
  turn_id,
  newId,
  emit,
  budget,
}: {
  readonly turn_id: string;
  readonly newId: () => string;
  readonly emit: (event: AgentEvent) => void;
  readonly budget: EditBudget;
}): TurnItems {
  let message: Message | undefined;
  const calls = new Map<string, ToolCall>();
  const open = new Set<ToolCall>();

  const endMessage = () => {
    if (message) emit({ type: 'item_completed', turn_id, item: message.item() });
    message = undefined;
  };
  const completeCall = (call: ToolCall, turnFailed = false) => {
    open.delete(call);
    call.close(turnFailed);
    emit({ type: 'item_completed', turn_id, item: call.item() });
    call.release();
  };
  const openCall = (id: string, update: Raw): ToolCall => {
    const call = createToolCall(newId(), update, budget);
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

  return {
    endMessage,
    chunk(type, update) {
      const messageId = readText(update.messageId);
      const another = messageId !== undefined && message?.messageId !== messageId;
      if (message && (message.type !== type || another)) endMessage();
      if (!message) {
        message = createMessage(type, newId(), messageId);
        emit({ type: 'item_started', turn_id, item: message.item() });
      }
      const delta = message.append(update.content);
      if (delta) emit({ type: 'item_delta', turn_id, item_id: message.itemId, delta });
    },
    toolCall(update) {
      const id = readText(update.toolCallId);
      if (id === undefined) return undefined;
      endMessage();
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
    },
  };
}
