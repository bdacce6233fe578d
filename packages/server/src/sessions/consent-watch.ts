import type { PermissionOutcome, PermissionRequest } from '@parleyhq/agents';
import type { Event } from '@parleyhq/contract';
import type { Journal } from '../journal/journal.js';

/** Notices edits that nobody was asked about, although the policy of the session says that somebody is. */
export interface ConsentWatch {
  /** To be called with the answer to each request for permission. */
  answered(request: PermissionRequest, outcome: PermissionOutcome): void;
  /** To be called with the agent's events, in their order. Returns the notices to be written: one for each turn. */
  see(events: readonly Event[]): Event[];
}

const EDITS: ReadonlySet<string> = new Set(['edit', 'delete', 'move']);

/** Watches the edits of one session. In a copy edits need no consent, and under `auto` neither. */
export function createConsentWatch(journal: Pick<Journal, 'head'>): ConsentWatch {
  /** The items of the running turn that were allowed. */
  const allowed = new Set<string>();
  let allowedForGood = false;
  let turn: string | undefined;
  let told = false;

  function enter(turnId: string): void {
    if (turn === turnId) return;
    turn = turnId;
    told = false;
    allowed.clear();
  }

  return {
    answered({ turnId, toolCall, options }, outcome) {
      enter(turnId);
      const chosen = outcome.outcome === 'selected' ? outcome.optionId : undefined;
      const kind = options.find(({ option_id }) => option_id === chosen)?.kind;
      if (kind === 'allow_always') allowedForGood = true;
      if (kind === 'allow_once' || kind === 'allow_always') allowed.add(toolCall.item_id);
    },
    see(events) {
      const { workspace, approval_policy } = journal.head.state;
      if (workspace !== 'direct' || approval_policy === 'auto' || allowedForGood) return [];
      return events.flatMap((event): Event[] => {
        if (event.type !== 'item_completed' || event.item.type !== 'tool_call') return [];
        const { turn_id, item } = event;
        enter(turn_id);
        const isEdit = EDITS.has(item.kind) && item.status === 'completed';
        if (!isEdit || allowed.has(item.item_id) || told) return [];
        told = true;
        const message = `The agent has edited without asking (${item.title.slice(0, 256)}): work in a copy (workspace: isolated), or choose a mode in which it asks.`;
        return [{ type: 'notice', turn_id, level: 'warning', code: 'edit_without_consent', message }];
      });
    },
  };
}
