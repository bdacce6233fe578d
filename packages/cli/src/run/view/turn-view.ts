import type { Delta, Item, KnownEvent, PatchFile, SessionEvent, Usage } from '@parleyhq/client';
import type { Style } from '../../terminal/fit-line.js';
import type { Screen } from '../../terminal/screen.js';
import { showEnd } from './show-end.js';
import { type PlanEntries, showPlan } from './show-plan.js';
import { showToolCallEnd, showToolCallStart } from './show-tool-call.js';

/** Shows the events of one turn to a person as they come. */
export interface TurnView {
  show(event: SessionEvent): void;
  /** Does not show the diffs of these tool calls at their end, since the user has already seen them. */
  hideDiffs(itemIds: readonly string[]): void;
}

const LEVELS: Readonly<Record<string, Style>> = { error: 'red', warning: 'yellow' };

/** Creates a view of one turn, and of those that the agent begins. It does not show events of other turns. */
export function createTurnView(screen: Screen, turnId: string): TurnView {
  const toolCalls = new Set<string>();
  const hidden = new Set<string>();
  const reasoning = new Set<string>();
  /** What sub-agents say: not shown, since the call that started them has its result. */
  const ofSubAgents = new Set<string>();
  const ownTurns = new Set<string>();
  let onOpenLine: string | undefined;
  let plan: PlanEntries | undefined;
  let streaming: string | undefined;
  const waiting: (() => void)[] = [];
  let usage: Usage | undefined;

  /**
   * Shows something that is not streamed text. If a line of text is still streaming, it waits for the end of that line.
   */
  function afterLine(show: () => void): void {
    if (streaming === undefined) show();
    else waiting.push(show);
  }

  function endText(): void {
    streaming = undefined;
    flush();
  }

  function flush(): void {
    for (const show of waiting.splice(0)) show();
  }

  function writeText(itemId: string, text: string): void {
    if (text === '') return;
    if (streaming !== itemId) endText();
    streaming = itemId;
    const style: Style | undefined = reasoning.has(itemId) ? 'dim' : undefined;
    screen.block(itemId);
    screen.write(text, style);
    if (text.endsWith('\n')) flush();
  }

  function start(item: Item): void {
    endText();
    if (item.type === 'tool_call') {
      toolCalls.add(item.item_id);
      showToolCallStart(screen, item);
      onOpenLine = item.item_id;
    } else if ('parent_item_id' in item) {
      ofSubAgents.add(item.item_id);
    } else if (item.type === 'reasoning' || item.type === 'agent_message') {
      if (item.type === 'reasoning') {
        reasoning.add(item.item_id);
        writeText(item.item_id, 'Thinking: ');
      }
      for (const block of item.content) append(item.item_id, { type: 'content', content: block });
    }
  }

  function append(itemId: string, delta: Delta): void {
    if (toolCalls.has(itemId) || ofSubAgents.has(itemId)) return; // a tool call is shown at its end, folded
    if (delta.type === 'text') writeText(itemId, delta.text);
    else if (delta.type === 'content') {
      const { content } = delta;
      if (content.type === 'text') writeText(itemId, content.text);
      else if (content.type === 'resource_link' || content.type === 'resource') writeText(itemId, `[${content.uri}]`);
      else writeText(itemId, `[${content.type}]`);
    }
  }

  function complete(item: Item): void {
    if (item.item_id === streaming) endText();
    ofSubAgents.delete(item.item_id);
    if (item.type !== 'tool_call') return;
    const shown = { onItsLine: onOpenLine === item.item_id, diff: hidden.has(item.item_id) };
    afterLine(() => showToolCallEnd(screen, item, shown));
    toolCalls.delete(item.item_id);
  }

  function notice(text: string, style: Style | undefined): void {
    afterLine(() => {
      screen.block('notices');
      screen.longLine([{ text: `! ${text}`, style }]);
    });
  }

  function showApplied({ files, failed }: Extract<KnownEvent, { type: 'patch_applied' }>): void {
    screen.block('patch');
    if (files.length > 0)
      screen.line([{ text: '✓ applied: ', style: 'green' }, { text: files.map(describe).join(', ') }]);
    for (const { path, reason } of failed) screen.line([{ text: `✗ not applied: ${path}: ${reason}`, style: 'red' }]);
  }

  return {
    hideDiffs(itemIds) {
      for (const id of itemIds) hidden.add(id);
    },
    show(event) {
      if (event.type === 'unknown') {
        const { type }: { type?: unknown } = Object(event.raw);
        return notice(`Event ${event.id} cannot be read by this release (${String(type).slice(0, 100)}).`, 'dim');
      }
      if (event.type === 'turn_started' && event.origin === 'agent') ownTurns.add(event.turn_id);
      const of = 'turn_id' in event ? event.turn_id : undefined;
      if (of !== undefined && of !== turnId && !ownTurns.has(of)) return;
      switch (event.type) {
        case 'item_started':
          return start(event.item);
        case 'item_delta':
          return append(event.item_id, event.delta);
        case 'item_completed':
          return complete(event.item);
        case 'plan_updated':
          showPlan(screen, event.entries, plan);
          plan = event.entries;
          return;
        case 'approval_resolved':
          if (event.by === 'user' || event.outcome !== 'selected') return;
          return notice(`${event.decision ?? 'Answered'}, by ${event.by}.`, 'dim');
        case 'elicitation_resolved':
          if (event.by === 'user' || event.by === 'server') return;
          return notice(`The question was answered with ${event.action}, by ${event.by}.`, 'dim');
        case 'patch_applied':
          return afterLine(() => showApplied(event));
        case 'usage_updated':
          usage = { ...usage, ...event.usage };
          return;
        case 'notice':
          return notice(event.message, LEVELS[event.level] ?? 'dim');
        case 'turn_completed':
          endText();
          if (event.origin === 'agent') return event.error && notice(event.error.message, 'red');
          return showEnd(screen, event, { ...usage, ...event.usage });
        case 'session_created':
        case 'session_updated':
        case 'session_closed':
        case 'submission_accepted':
        case 'turn_started':
        case 'item_updated':
        case 'approval_requested':
        case 'elicitation_requested':
        case 'patch_updated':
        case 'patch_reverted':
          return; // asked about elsewhere, or nothing that a person needs to see
        default:
          event satisfies never;
      }
    },
  };
}

function describe({ path, additions, deletions }: PatchFile): string {
  return `${path} (+${additions} -${deletions})`;
}
