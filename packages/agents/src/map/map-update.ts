import { randomUUID } from 'node:crypto';
import type { AgentCommand, AgentModes, ConfigOption, NoticeEvent, ToolCallItem } from '@parleyhq/contract';
import type { AgentEvent } from '../agent-event.js';
import type { ProposedEdit } from '../requests.js';
import { fitEvent } from './fit-event.js';
import { createMessage, type Message, type MessageKind } from './message.js';
import { mapPlan, mapUsage } from './plan-and-usage.js';
import { type Raw, readObject, readText } from './read.js';
import { mapCommands, mapConfigOptions, mapModes } from './session-state.js';
import { createToolCall, type ToolCall } from './tool-call.js';

/** What an agent has said about the conversation as a whole. */
export interface SessionState {
  readonly modes?: AgentModes;
  readonly commands: readonly AgentCommand[];
  readonly configOptions: readonly ConfigOption[];
}

/**
 * A reducer from ACP's session updates to the contract's events. ACP has no item boundaries: a message begins with its
 * first chunk and ends with the first thing of another kind; a tool call ends with its status; what is open at the end
 * of a turn ends with it.
 */
export interface UpdateMapper {
  /** The state that `session/new` or a `config_option_update` left. */
  readonly state: SessionState;
  /** Takes the modes and options in the answer of `session/new`, `resume` or `load`. */
  seed(response: unknown): void;
  startTurn(turnId: string): void;
  /** One `update` of ACP, of any shape: what is not understood becomes a notice, once for each kind. */
  map(update: unknown): AgentEvent[];
  /** The running turn. */
  readonly turnId: string | undefined;
  /** The tool call of a permission request, as it stands once the request's own facts are in; none outside of a turn. */
  toolCall(update: unknown): AskingToolCall | undefined;
  /** Something of our own that the user may want to know. */
  notice(code: string, message: string): AgentEvent[];
  /** Completes what is open. `failed`: tool calls without an end have failed. */
  endTurn(failed: boolean): AgentEvent[];
}

/** A tool call that waits for permission, with the events that led to it. */
export interface AskingToolCall {
  readonly events: readonly AgentEvent[];
  readonly turnId: string;
  readonly item: ToolCallItem;
  readonly edits: readonly ProposedEdit[];
}

/** How many tool calls one turn may have open, and how many of those that ended it still knows. */
const MAX_OPEN_CALLS = 256;
const MAX_KNOWN_CALLS = 10_000;

/** Creates the reducer for one conversation. */
export function createUpdateMapper(newId: () => string = randomUUID): UpdateMapper {
  let state: SessionState = { commands: [], configOptions: [] };
  let turnId: string | undefined;
  let message: Message | undefined;
  const calls = new Map<string, ToolCall>();
  const open = new Set<ToolCall>();
  let out: AgentEvent[] = [];
  const noticed = new Set<string>();

  const emit = (event: AgentEvent) => {
    const fitting = fitEvent(event);
    if (fitting) out.push(fitting);
    else notice('agent_update_too_large', `The agent sent ${event.type} that does not fit into an event.`);
  };
  const notice = (code: string, text: string, level: NoticeEvent['level'] = 'warning') =>
    out.push({ type: 'notice', ...inTurn(), level, code, message: text });
  const noticeOnce = (code: string, about: string, text: string) => {
    if (noticed.has(about) || noticed.size > 100) return;
    noticed.add(about);
    notice(code, text);
  };
  const inTurn = () => (turnId === undefined ? {} : { turn_id: turnId });
  const flush = () => {
    const events = out;
    out = [];
    return events;
  };

  const completeMessage = () => {
    if (message && turnId !== undefined) emit({ type: 'item_completed', turn_id: turnId, item: message.item() });
    message = undefined;
  };

  const mapChunk = (turn: string, type: MessageKind, update: Raw) => {
    const messageId = readText(update.messageId);
    if (message && (message.type !== type || (messageId !== undefined && message.messageId !== messageId))) {
      completeMessage();
    }
    if (!message) {
      message = createMessage(type, newId(), messageId);
      emit({ type: 'item_started', turn_id: turn, item: message.item() });
    }
    const delta = message.append(update.content);
    if (delta) emit({ type: 'item_delta', turn_id: turn, item_id: message.itemId, delta });
  };

  const mapToolCall = (turn: string, update: Raw): ToolCall | undefined => {
    const id = readText(update.toolCallId);
    if (id === undefined) return undefined;
    completeMessage();
    const known = calls.get(id);
    if (!known) return openToolCall(turn, id, update);
    const step = known.apply(update);
    const item_id = known.itemId;
    for (const delta of step.deltas) emit({ type: 'item_delta', turn_id: turn, item_id, delta });
    if (step.changes) emit({ type: 'item_updated', turn_id: turn, item_id, changes: step.changes });
    if (step.completed) completeToolCall(turn, known);
    return known;
  };

  const openToolCall = (turn: string, id: string, update: Raw): ToolCall => {
    const call = createToolCall(newId(), update);
    calls.set(id, call);
    open.add(call);
    emit({ type: 'item_started', turn_id: turn, item: call.item() });
    if (call.done) completeToolCall(turn, call);
    // Bounded, whatever an agent does: the oldest is closed, and at last forgotten.
    const [oldest] = open;
    if (open.size > MAX_OPEN_CALLS && oldest) completeToolCall(turn, oldest);
    if (calls.size > MAX_KNOWN_CALLS) calls.delete(calls.keys().next().value as string);
    return call;
  };

  const completeToolCall = (turn: string, call: ToolCall, failed = false) => {
    open.delete(call);
    if (failed) call.fail();
    emit({ type: 'item_completed', turn_id: turn, item: call.item() });
    call.end();
  };

  /** What belongs to no turn. False for an update that needs one. */
  const mapSessionUpdate = (update: Raw): boolean => {
    switch (update.sessionUpdate) {
      case 'available_commands_update':
        state = { ...state, commands: mapCommands(update.availableCommands) };
        emit({ type: 'session_updated', ...inTurn(), commands: [...state.commands] });
        return true;
      case 'current_mode_update': {
        const current = readText(update.currentModeId, 256);
        if (current === undefined || current === state.modes?.current) return true;
        state = { ...state, modes: { available: [], ...state.modes, current } };
        emit({ type: 'session_updated', ...inTurn(), current_mode: current });
        return true;
      }
      case 'config_option_update': {
        const configOptions = mapConfigOptions(update.configOptions);
        if (JSON.stringify(configOptions) === JSON.stringify(state.configOptions)) return true;
        // Some agents offer their mode both ways and say only one.
        const mode = configOptions.find(({ category }) => category === 'mode')?.value;
        const moved =
          state.modes && typeof mode === 'string' && mode !== state.modes.current ? { current_mode: mode } : {};
        state = { ...state, configOptions };
        if (state.modes && moved.current_mode)
          state = { ...state, modes: { ...state.modes, current: moved.current_mode } };
        emit({ type: 'session_updated', ...inTurn(), ...moved, config_options: [...configOptions] });
        return true;
      }
      case 'session_info_update': {
        if (update.title === undefined) return true;
        emit({ type: 'session_updated', ...inTurn(), title: readText(update.title, 200) || null });
        return true;
      }
      case 'usage_update':
        emit({ type: 'usage_updated', ...inTurn(), usage: mapUsage(update) });
        return true;
      case 'notice': {
        const text = [readText(update.title), readText(update.description)].filter(Boolean).join(': ');
        const level = update.severity === 'error' || update.severity === 'warning' ? update.severity : 'info';
        notice('agent_notice', readText(text, 8192) ?? '', level);
        return true;
      }
      case 'compaction_update':
        notice(
          'context_compacted',
          `The agent compacts its context: ${readText(update.status, 64) ?? 'unknown'}.`,
          'info',
        );
        return true;
      case 'compaction_summary_chunk': // for the agent itself
        return true;
      default:
        return false;
    }
  };

  const mapTurnUpdate = (turn: string, update: Raw): boolean => {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        mapChunk(turn, 'agent_message', update);
        return true;
      case 'agent_thought_chunk':
        mapChunk(turn, 'reasoning', update);
        return true;
      case 'user_message_chunk':
        mapChunk(turn, 'user_message', update);
        return true;
      case 'tool_call':
      case 'tool_call_update':
        if (!mapToolCall(turn, update))
          noticeOnce('agent_update_invalid', 'tool_call', 'The agent sent a tool call without an id.');
        return true;
      case 'plan':
        emit({ type: 'plan_updated', turn_id: turn, entries: mapPlan(update.entries) });
        return true;
      default:
        return false;
    }
  };

  return {
    get state() {
      return state;
    },
    get turnId() {
      return turnId;
    },
    seed(response) {
      const { modes, configOptions } = readObject(response) ?? {};
      const known = mapModes(modes);
      if (known) state = { ...state, modes: known };
      if (Array.isArray(configOptions)) state = { ...state, configOptions: mapConfigOptions(configOptions) };
    },
    startTurn(id) {
      turnId = id;
    },
    map(value) {
      const update = readObject(value) ?? {};
      const kind = readText(update.sessionUpdate, 64) ?? 'none';
      if (mapSessionUpdate(update)) return flush();
      if (turnId === undefined) {
        noticeOnce(
          'agent_output_ignored',
          `idle ${kind}`,
          `The agent sent ${kind} outside of a turn; such output is ignored.`,
        );
      } else if (!mapTurnUpdate(turnId, update)) {
        noticeOnce(
          'agent_update_ignored',
          kind,
          `The agent sent an update of the unknown kind ${JSON.stringify(kind)}.`,
        );
      }
      return flush();
    },
    toolCall(value) {
      const update = readObject(value);
      if (turnId === undefined || !update) return undefined;
      const call = mapToolCall(turnId, update);
      if (!call) return undefined;
      const fitting = fitEvent({ type: 'item_started', turn_id: turnId, item: call.item() });
      if (fitting?.type !== 'item_started' || fitting.item.type !== 'tool_call') return undefined;
      return { events: flush(), turnId, item: fitting.item, edits: call.edits() };
    },
    notice(code, text) {
      notice(code, text);
      return flush();
    },
    endTurn(failed) {
      completeMessage();
      const turn = turnId;
      if (turn !== undefined) {
        for (const call of open) completeToolCall(turn, call, failed);
      }
      calls.clear();
      turnId = undefined;
      return flush();
    },
  };
}
