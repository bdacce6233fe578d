import type { Event, Item } from '@parleyhq/contract';
import type { Screen } from './screen.js';

const labels: Record<Item['type'], string> = {
  user_message: 'user',
  agent_message: 'agent',
  reasoning: 'thinks',
  tool_call: 'tool',
};

const planSigns = { pending: '○', in_progress: '→', completed: '✓' };

/** Prints events as they come: text as it streams, and one line for each step. Other events print nothing. */
export function createEventPrinter(screen: Screen): (event: Event) => void {
  const streams = new Map<string, string>();
  return (event) => {
    if (event.type === 'item_started') streams.set(event.item.item_id, labels[event.item.type]);
    if (event.type === 'item_delta') {
      if ('text' in event.delta) screen.stream(streams.get(event.item_id) ?? '', event.delta.text);
      return;
    }
    const [label, text] = describe(event) ?? [];
    if (label !== undefined && text !== undefined) screen.lines(label, text);
  };
}

function describe(event: Event): [label: string, text: string] | undefined {
  switch (event.type) {
    case 'item_started':
      return event.item.type === 'tool_call' ? ['tool', event.item.title] : undefined;
    case 'item_completed':
      return event.item.type === 'tool_call' ? ['tool', `${event.item.title}: ${event.item.status}`] : undefined;
    case 'plan_updated':
      return ['plan', event.entries.map(({ status, content }) => `${planSigns[status]} ${content}`).join('\n')];
    case 'approval_requested':
      return ['asks', `${event.approval.tool_call.title}?`];
    case 'approval_resolved':
      return ['asks', `${event.decision ?? event.outcome}, by ${event.by}`];
    case 'notice':
      return ['note', event.message];
    case 'turn_started':
      return event.origin === 'agent' ? ['turn', 'begun by the agent'] : undefined;
    case 'turn_completed':
      return ['turn', `${event.status} (${event.cause})`];
    case 'session_created':
    case 'session_updated':
    case 'session_closed':
    case 'submission_accepted':
    case 'item_updated':
    case 'item_delta':
    case 'elicitation_requested':
    case 'elicitation_resolved':
    case 'patch_updated':
    case 'patch_applied':
    case 'patch_reverted':
    case 'usage_updated':
      return undefined;
    default:
      event satisfies never;
      return undefined;
  }
}
