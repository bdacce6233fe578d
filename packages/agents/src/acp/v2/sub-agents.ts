import { type Raw, readObject, readObjects, readText } from '../../map/read.js';
import { type Conversation, createConversation } from './conversation.js';
import { createOptions } from './options.js';
import { forgetOldest, idOf, notice, present, type Update } from './wire.js';

/** The sub-agents of a conversation. Each has a conversation of its own, which is shown as a tool call, with all that is said in it. */
export interface SubAgents {
  /** A `subagent_update`. */
  update(update: Update): Update[];
  /** The sub-agent with a conversation of this id. */
  find(sessionId: unknown): SubAgent | undefined;
}

/** One sub-agent. */
export interface SubAgent {
  readonly conversation: Conversation;
  /** What it says, as a part of its tool call. */
  place(updates: readonly Update[]): Update[];
}

const MAX_SUB_AGENTS = 16;

/** Creates it. */
export function createSubAgents(): SubAgents {
  const known = new Map<string, SubAgent & { title: string }>();
  return {
    find: (sessionId) => known.get(idOf(sessionId)),
    update({ sessionId, title, description, state }) {
      const id = idOf(sessionId);
      const before = known.get(id);
      const named = readText(title, 256) ?? before?.title ?? 'Sub-agent';
      known.set(id, { ...(before ?? createSubAgent(id, named)), title: named });
      forgetOldest(known, MAX_SUB_AGENTS);
      const about = readText(description);
      return [
        present({
          ...{ sessionUpdate: 'tool_call_update', toolCallId: callOf(id), kind: 'think' },
          title: title === undefined && before !== undefined ? undefined : named,
          rawInput: about === undefined ? undefined : { description: about },
          status: statusOf(readObject(state)),
        }),
      ];
    },
  };
}

function createSubAgent(id: string, title: string): SubAgent {
  const inside = ({ _meta, ...update }: Update): Update => {
    const meta = readObject(_meta);
    return {
      ...update,
      _meta: { ...meta, claudeCode: { ...readObject(meta?.claudeCode), parentToolUseId: callOf(id) } },
    };
  };
  return {
    conversation: createConversation(createOptions()),
    place: (updates) =>
      updates.flatMap((update): Update[] => {
        switch (update.sessionUpdate) {
          case 'agent_message_chunk':
          case 'agent_thought_chunk':
            return [inside({ ...update, messageId: `${id}/${update.messageId}` })];
          case 'user_message_chunk': // what it was told to do
            return [{ sessionUpdate: 'tool_call_update', toolCallId: callOf(id), rawInput: update.content }];
          case 'tool_call':
          case 'tool_call_update':
            return [inside({ ...update, toolCallId: `${id}/${update.toolCallId}` })];
          case 'plan':
            return [notice('info', `The plan of ${title}`, readObjects(update.entries, 1_024).map(wordsOf).join('; '))];
          case 'notice':
            return [update];
          default:
            return []; // its own options, commands, usage and title are not those of the session
        }
      }),
  };
}

function callOf(sessionId: string): string {
  return `agent/${sessionId}`;
}

/** Idle, it has done what it was to do; it may be given more. */
function statusOf(state: Raw | undefined): string | undefined {
  if (state === undefined) return undefined;
  if (state.state !== 'idle') return 'in_progress';
  return state.stopReason === 'error' || state.stopReason === 'cancelled' ? 'failed' : 'completed';
}

function wordsOf({ content, status }: Raw): string {
  return `${content} (${status})`;
}
