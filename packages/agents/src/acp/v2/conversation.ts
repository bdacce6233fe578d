import { type Raw, readObject, readObjects, readText } from '../../map/read.js';
import { createCompactions } from './compaction.js';
import type { Options } from './options.js';
import { type MappedPermission, mapPermission } from './permission.js';
import { createPlans } from './plans.js';
import { createPromptTurn, type PromptTurn } from './prompt-turn.js';
import { createSpoken } from './spoken.js';
import { createTerminals } from './terminals.js';
import { createToolCalls } from './tool-calls.js';
import { notice, type Update } from './wire.js';

/** What an agent says in one conversation, in words of version 1. */
export interface Conversation {
  readonly turn: PromptTurn;
  /** The updates of version 1 for one of version 2. */
  update(update: Update): Update[];
  /** The request for permission of version 1. */
  permission(params: Raw, requestId: unknown): MappedPermission;
}

/** Creates it. What version 1 has in the same words is passed on as it is, and so is what is not known. */
export function createConversation(options: Options): Conversation {
  const turn = createPromptTurn();
  const spoken = createSpoken();
  const plans = createPlans();
  const compactions = createCompactions();
  const terminals = createTerminals((toolCallId) => toolCalls.hasInput(toolCallId));
  const toolCalls = createToolCalls((terminalId, toolCallId) => terminals.refer(terminalId, toolCallId));
  let cost: unknown;
  let background = '';

  /** What goes on although the agent is idle. */
  const tellBackground = ({ state, background: given }: Update): Update[] => {
    const titles = readObjects(given, 256).map(({ type, terminalId, toolCallId, sessionId }) => {
      if (type === 'terminal') return terminals.titleOf(terminalId);
      return type === 'tool_call' ? toolCalls.titleOf(toolCallId) : (readText(sessionId, 256) ?? `${type}`);
    });
    const before = background;
    if (state !== 'idle') return [];
    background = titles.join('; ');
    if (background === '' || background === before) return [];
    return [notice('info', 'Work goes on in the background', background)];
  };

  return {
    turn,
    permission: (params, requestId) => mapPermission(params, requestId, toolCalls),
    update(update) {
      switch (update.sessionUpdate) {
        case 'user_message_chunk':
          return turn.userMessage(update).flatMap(spoken.chunk);
        case 'user_message':
          return turn.userMessage(update).flatMap(spoken.whole);
        case 'agent_message_chunk':
        case 'agent_thought_chunk':
          return spoken.chunk(update);
        case 'agent_message':
        case 'agent_thought':
          return spoken.whole(update);
        case 'session_message_chunk':
          return spoken.chunk(update).map(asThought);
        case 'session_message':
          return spoken.whole(update).map(asThought);
        case 'tool_call_update':
          return toolCalls.update(update);
        case 'tool_call_content_chunk':
          return toolCalls.chunk(update);
        case 'terminal_update':
          return terminals.update(update);
        case 'terminal_output_chunk':
          return terminals.output(update);
        case 'plan_update':
          return plans.update(update.plan);
        case 'plan_removed':
          return plans.remove(update.planId);
        case 'compaction_update':
          return compactions.update(update);
        case 'compaction_summary_chunk':
          return compactions.chunk(update);
        case 'config_option_update': {
          const { configOptions, notices } = options.read(update.configOptions);
          return [...notices, { ...update, configOptions }];
        }
        case 'usage_update':
          // Left out, the cost is what it was.
          cost = update.cost === undefined ? cost : mapCost(readObject(update.cost));
          return [{ ...update, cost }];
        case 'state_update': {
          const isKnown = ['running', 'requires_action', 'idle'].includes(String(update.state));
          const unknown = isKnown
            ? []
            : [notice('warning', `The agent is in a state that is not known here: ${update.state}.`)];
          return [...unknown, ...(update.state === 'idle' ? terminals.settle() : []), ...tellBackground(update)];
        }
        default:
          return [update];
      }
    },
  };
}

/** What an agent and its sub-agents say to each other. */
function asThought(update: Update): Update {
  return update.sessionUpdate === 'notice' ? update : { ...update, sessionUpdate: 'agent_thought_chunk' };
}

function mapCost(cost: Raw | undefined): Raw | undefined {
  return cost && { amount: cost.amount, currency: readText(cost.currency, 8) };
}

/** The messages that carry updates. */
export function messageOf(sessionId: unknown, updates: readonly Update[]): Raw[] {
  return updates.map((update) => ({ method: 'session/update', params: { sessionId, update } }));
}

/** The update in a message. */
export function updateOf(message: Raw): { readonly sessionId: unknown; readonly update: Update } {
  const { sessionId, update } = readObject(message.params) ?? {};
  return { sessionId, update: readObject(update) ?? {} };
}
