import { expect, test } from 'vitest';
import type { AgentEvent } from '../agent-event.js';
import { fitEvent, MAX_EVENT_BYTES } from './fit-event.js';

/** An event whose JSON has so many bytes. */
function eventOf(bytes: number): AgentEvent {
  const event = (text: string): AgentEvent => ({
    type: 'item_delta',
    turn_id: 'turn',
    item_id: 'item',
    delta: { type: 'text', text },
  });
  return event('x'.repeat(bytes - Buffer.byteLength(JSON.stringify(event('')))));
}

test('an event at the bound stays as it is; one byte more, and its text is cut and says how much', () => {
  const fits = eventOf(MAX_EVENT_BYTES);
  expect(fitEvent(fits)).toBe(fits);
  const cut = fitEvent(eventOf(MAX_EVENT_BYTES + 1));
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(MAX_EVENT_BYTES);
  expect(cut).toMatchObject({ delta: { truncated_bytes: expect.any(Number) } });
});
