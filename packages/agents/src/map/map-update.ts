import { randomUUID } from 'node:crypto';

import type { NoticeEvent, SessionUpdatedEvent, ToolCallItem, Usage, UsageUpdatedEvent } from '@parleyhq/contract';

import type { AgentEvent } from '../agent-event.js';
import { createEditBudget, type EditBudget } from '../edit-budget.js';
import { addTokens } from '../usage-meter.js';
import { watchThread } from './failed-thread.js';
import { fitEvent } from './fit-event.js';
import type { HeldEdits } from './held-edits.js';
import { createKnownIds } from './known-ids.js';
import { createLateOutput } from './late-output.js';
import { chooseOption, mapSessionUpdate, notice, type SessionStep } from './map-session-update.js';
import { mapChunkUsage, mapPlan } from './plan-and-usage.js';
import { type Raw, readObject, readText } from './read.js';
import { type SessionState, seedState } from './session-state.js';
import { createTurnItems, type TurnItems } from './turn-items.js';

/**
 * A reducer from ACP's session updates to the contract's events. ACP has no item boundaries. So a message begins with its
 * first chunk and ends with the first update of another kind; a tool call ends with its status; items that are open at the
 * end of a turn end with it.
 */
export interface UpdateMapper {
  /** The state after `session/new` and all updates since. */
  readonly state: SessionState;
  /** The running turn. */
  readonly turnId: string | undefined;
  /** The turn that has ended last. */
  readonly lastTurnId: string | undefined;
  /** The tokens that the agent named in updates of the running turn. */
  readonly usage: Usage | undefined;
  /** Whether anything that a user can see has come in the running turn. */
  readonly spoke: boolean;
  /** Why the current or the last turn failed, if the agent reported that only through updates. */
  readonly failure: string | undefined;
  /**
   * Takes the modes and options from the answer to `session/new`, `resume` or `load`. Where that and the updates before say
   * nothing of them, they are those of `remembered`.
   */
  seed(response: unknown, remembered?: Pick<SessionState, 'modes' | 'configOptions'>): void;
  /** An option of the agent has been set, and its answer does not have its options. */
  choose(configId: string, value: string | boolean): AgentEvent[];
  /** Begins a turn: of a message, or one that the agent has begun itself. */
  startTurn(turnId: string, origin?: 'agent'): void;
  /**
   * Maps one `update` of ACP, of any shape. An unknown kind becomes a notice, once for each kind. Output that belongs to no
   * turn, or to an earlier one while another runs, is kept for {@link UpdateMapper.late}.
   */
  map(update: unknown): AgentEvent[];
  /** Notices with the output that was too late for its turn. */
  late(): AgentEvent[];
  /** The tool call of a permission request, updated with what the request says; `undefined` outside of a turn. */
  toolCall(update: unknown): AskingToolCall | undefined;
  /** Ends the open message, since a question comes in between. */
  endMessage(): AgentEvent[];
  /** A warning to the user from this server. */
  notice(code: string, message: string): AgentEvent[];
  /** Completes what is open. `failed`: tool calls without an end have failed. */
  endTurn(failed: boolean): AgentEvent[];
}

/** A tool call that waits for permission, with the events that led to it. */
export interface AskingToolCall {
  readonly events: readonly AgentEvent[];
  readonly turnId: string;
  readonly item: ToolCallItem;
  readonly held: HeldEdits;
  /** To be called with the answer. */
  answered(allowed: boolean): void;
}

/** At most this many kinds of trouble become notices. */
const MAX_TROUBLES = 100;

/** What is kept of one agent's diffs unless the caller says something else. */
const MAX_EDITS = { edits: 1_000, bytes: 64 * 1024 * 1024 };

const KINDS_OF_TURNS: readonly unknown[] = [
  ...['agent_message_chunk', 'agent_thought_chunk', 'user_message_chunk'],
  ...['tool_call', 'tool_call_update', 'plan'],
];

/** Whether an update tells what is said or done, and so belongs to a turn. */
export function isOfTurn(update: Raw): boolean {
  return KINDS_OF_TURNS.includes(update.sessionUpdate) && !isEmptyChunk(update);
}

/** Some agents send a chunk without text to carry something else. */
function isEmptyChunk({ sessionUpdate, content }: Raw): boolean {
  const { type, text } = readObject(content) ?? {};
  return String(sessionUpdate).endsWith('_chunk') && type === 'text' && text === '';
}

/** Creates the reducer for one conversation. Diffs of open tool calls are kept as far as the budget has room. */
export function createUpdateMapper({
  budget = createEditBudget(MAX_EDITS),
  newId = randomUUID,
}: {
  readonly budget?: EditBudget | undefined;
  readonly newId?: () => string;
} = {}): UpdateMapper {
  let state: SessionState = { commands: [], configOptions: [] };
  let turn: { readonly id: string; readonly items: TurnItems; readonly origin: 'agent' | undefined } | undefined;
  let lastTurnId: string | undefined;
  const earlier = createKnownIds();
  const late = createLateOutput();
  let thread = watchThread();
  let usage: Usage | undefined;
  let spoke = false;
  let out: AgentEvent[] = [];
  const troubles = new Set<string>();

  const emit = (event: AgentEvent) => {
    const tooLong = `The agent sent ${event.type} that does not fit into an event.`;
    // Without this: lets an event pass that is longer than the contract says
    out.push(fitEvent(event) ?? placed(notice('warning', 'agent_update_too_large', tooLong)));
  };
  const placed = <Placeable extends SessionUpdatedEvent | UsageUpdatedEvent | NoticeEvent>(
    event: Placeable,
  ): Placeable => (turn ? { ...event, turn_id: turn.id } : event);
  const tellOnce = (about: string, code: string, message: string) => {
    if (troubles.has(about) || troubles.size >= MAX_TROUBLES) return;
    troubles.add(about);
    emit(placed(notice('warning', code, message)));
  };
  const flush = () => {
    const events = out;
    out = [];
    return events;
  };

  const applyStep = (step: SessionStep) => {
    state = step.state;
    for (const event of step.events) {
      emit(placed(event));
      spoke ||= event.type === 'notice' || (event.type === 'session_updated' && event.title === undefined);
    }
    return flush();
  };

  /** Maps an update that belongs to a turn. False for an unknown kind. */
  const mapTurnUpdate = ({ id, items }: { id: string; items: TurnItems }, update: Raw): boolean => {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        items.chunk('agent_message', update);
        return true;
      case 'agent_thought_chunk':
        items.chunk('reasoning', update);
        return true;
      case 'user_message_chunk':
        items.chunk('user_message', update);
        return true;
      case 'tool_call':
      case 'tool_call_update':
        if (!items.toolCall(update)) {
          tellOnce('tool call', 'agent_update_invalid', 'The agent sent a tool call without an id.');
        }
        return true;
      case 'plan':
        // Without this: joins what the agent says before and after a plan
        items.endMessage();
        emit({ type: 'plan_updated', turn_id: id, entries: mapPlan(update.entries) });
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
      return turn?.id;
    },
    get lastTurnId() {
      return lastTurnId;
    },
    get usage() {
      return usage;
    },
    get spoke() {
      return spoke;
    },
    get failure() {
      return thread.message;
    },
    seed(response, remembered) {
      const untold = state.configOptions;
      state = seedState(state, response);
      const { modes = state.modes, configOptions } = remembered ?? state;
      // Without this: shows no settings of an agent that does not name them again when it resumes
      if (state.modes === undefined && modes) state = { ...state, modes };
      if (state.configOptions === untold && untold.length === 0) state = { ...state, configOptions };
    },
    choose(configId, value) {
      return applyStep(chooseOption(state, configId, value));
    },
    startTurn(id, origin) {
      turn = { id, origin, items: createTurnItems({ turn_id: id, newId, emit, budget, earlier }) };
      thread = watchThread();
      usage = undefined;
      spoke = false;
    },
    map(value) {
      const update = readObject(value) ?? {};
      const used = mapChunkUsage(update);
      if (used) usage = addTokens(usage ?? {}, used);
      if (isEmptyChunk(update)) return [];
      thread.see(update);
      const step = mapSessionUpdate(state, update);
      if (step) return applyStep(step);
      spoke ||= isOfTurn(update) && update.sessionUpdate !== 'user_message_chunk';
      const kind = readText(update.sessionUpdate, 64) ?? 'nothing';
      // Without this: puts what belongs to an earlier turn into the one that runs
      if (isOfTurn(update) && (!turn || (turn.origin === undefined && turn.items.isLate(update)))) {
        late.add(update, earlier.calls.get(readText(update.toolCallId) ?? '')?.title);
      } else if (!turn || !mapTurnUpdate(turn, update)) {
        const message = `The agent sent an update of the unknown kind ${JSON.stringify(kind)}.`;
        // Without this: fails for an update of an agent that it does not know
        tellOnce(kind, 'agent_update_ignored', message);
      }
      return flush();
    },
    late() {
      for (const text of late.take()) emit(notice('info', 'late_output', text));
      return flush();
    },
    toolCall(value) {
      spoke = true;
      const call = turn?.items.toolCall(readObject(value) ?? {});
      if (!turn || !call) return undefined;
      const fitting = fitEvent({ type: 'item_started', turn_id: turn.id, item: call.item() });
      if (fitting?.type !== 'item_started' || fitting.item.type !== 'tool_call') return undefined;
      return { events: flush(), turnId: turn.id, item: fitting.item, held: call.edits(), answered: call.answered };
    },
    endMessage() {
      spoke = true;
      turn?.items.endMessage();
      return flush();
    },
    notice(code, message) {
      emit(placed(notice('warning', code, message)));
      return flush();
    },
    endTurn(failed) {
      turn?.items.end(failed || thread.message !== undefined);
      lastTurnId = turn?.id ?? lastTurnId;
      turn = undefined;
      return flush();
    },
  };
}
