import type { ContentBlock, TurnCompletedEvent } from '@parleyhq/contract';
import type { EventPosition, SessionEvent } from './stream/session-event.js';

/** The state of a turn, from its events in order. Every loop over the turn adds its events; known events are ignored. */
export interface TurnFold {
  /** The id of the last event that was added. */
  readonly cursor: number;
  /** The end of the turn, once it has ended. */
  readonly completed: (TurnCompletedEvent & EventPosition) | undefined;
  /** The agent's messages, separated by blank lines. */
  readonly text: string;
  add(event: SessionEvent): void;
}

/** The fold of one turn, whose events come after the id `after`. */
export function createTurnFold(turnId: string, after: number): TurnFold {
  const messages = new Map<string, string>();
  let cursor = after;
  let completed: TurnFold['completed'];
  return {
    get cursor() {
      return cursor;
    },
    get completed() {
      return completed;
    },
    get text() {
      return Array.from(messages.values())
        .filter((text) => text !== '')
        .join('\n\n');
    },
    add(event) {
      // Without this: takes an event of a turn twice
      if (event.id <= cursor) return;
      cursor = event.id;
      if (turnIdOf(event) !== turnId) return;
      switch (event.type) {
        case 'item_started':
          if (event.item.type === 'agent_message') messages.set(event.item.item_id, textOf(event.item.content));
          return;
        case 'item_delta': {
          const text = messages.get(event.item_id);
          if (text === undefined) return;
          if (event.delta.type === 'text') messages.set(event.item_id, text + event.delta.text);
          else if (event.delta.type === 'content') messages.set(event.item_id, text + textOf([event.delta.content]));
          return;
        }
        case 'item_completed':
          if (event.item.type === 'agent_message') complete(event.item.item_id, event.item.content);
          return;
        case 'turn_completed':
          completed = event;
          return;
        case 'unknown':
        case 'session_created':
        case 'session_updated':
        case 'session_closed':
        case 'submission_accepted':
        case 'turn_started':
        case 'item_updated':
        case 'plan_updated':
        case 'approval_requested':
        case 'approval_resolved':
        case 'elicitation_requested':
        case 'elicitation_resolved':
        case 'patch_updated':
        case 'patch_applied':
        case 'patch_reverted':
        case 'usage_updated':
        case 'notice':
          return; // not part of what the agent said
        default:
          event satisfies never;
      }
    },
  };

  /** The completed item replaces what its deltas gave, unless it was truncated: then the deltas had more. */
  function complete(itemId: string, content: readonly { type: string }[]): void {
    const cut = content.some((block) => 'truncated_bytes' in block);
    if (!cut || !messages.has(itemId)) messages.set(itemId, textOf(content));
  }
}

/** The id of the turn that an event belongs to; for an event that this release cannot read, whatever stands in `turn_id`. */
export function turnIdOf(event: SessionEvent): unknown {
  const named: object = event.type === 'unknown' ? Object(event.raw) : event;
  return 'turn_id' in named ? named.turn_id : undefined;
}

function textOf(content: readonly { readonly type: string }[]): string {
  return content.map((block) => (isText(block) ? block.text : '')).join('');
}

function isText(block: { readonly type: string }): block is Extract<ContentBlock, { type: 'text' }> {
  return block.type === 'text';
}
