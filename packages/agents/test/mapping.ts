import { strictEvent } from '@parleyhq/contract';
import { afterEach, beforeEach, expect } from 'vitest';

import type { AgentEvent } from '../src/agent-event.js';
import { createUpdateMapper, type UpdateMapper } from '../src/map/map-update.js';

/** The turn that runs when a test begins. */
export const TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';

/** The mapper of the current test, inside a turn. After each test, every event must fit the contract. */
export let mapper: UpdateMapper;

/** The events of the current test. */
export let events: AgentEvent[];

/** Gives each test of a file its mapper. Each file calls it: files share this module, and hooks belong to one file. */
export function mapInEachTest(): void {
  beforeEach(() => {
    let next = 0;
    mapper = createUpdateMapper({ newId: () => `00000000-0000-4000-8000-${String(++next).padStart(12, '0')}` });
    mapper.startTurn(TURN);
    events = [];
  });

  afterEach(() => {
    for (const event of events) expect(strictEvent(event)).toMatchObject({ ok: true });
  });
}

/** Maps updates of the agent. */
export function send(...updates: unknown[]): AgentEvent[] {
  const mapped = updates.flatMap((update) => mapper.map(update));
  events.push(...mapped);
  return mapped;
}

/** Ends the turn. */
export function end(failed = false): AgentEvent[] {
  const mapped = mapper.endTurn(failed);
  events.push(...mapped);
  return mapped;
}

/** A piece of a message. */
export const chunk = (text: string, kind = 'agent_message_chunk', more = {}) => ({
  sessionUpdate: kind,
  content: { type: 'text', text },
  ...more,
});

/** The tool call `c`. */
export const call = (fields: object) => ({ sessionUpdate: 'tool_call', toolCallId: 'c', title: 'Do', ...fields });

/** A change of the tool call `c`. */
export const change = (fields: object) => ({ sessionUpdate: 'tool_call_update', toolCallId: 'c', ...fields });

/** A text in a tool call. */
export const text = (words: string) => ({ type: 'content', content: { type: 'text', text: words } });

/** The types of events. */
export const types = (mapped: AgentEvent[]) => mapped.map(({ type }) => type);

/** The item of an event. */
export const item = (event: AgentEvent | undefined) => (event && 'item' in event ? event.item : undefined);

/** The status of an event's tool call. */
export function statusOf(event: AgentEvent | undefined): string | undefined {
  const shown = item(event);
  return shown?.type === 'tool_call' ? shown.status : undefined;
}
