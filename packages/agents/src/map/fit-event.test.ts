import { expect, test } from 'vitest';
import type { AgentEvent } from '../agent-event.js';
import { cutText, fitEvent, MAX_EVENT_BYTES } from './fit-event.js';

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

test.each([
  ['of one byte', 'x'],
  ['of three bytes', '好'],
  ['of four bytes', '😀'],
  ['that is the replacement of what is no character', '\ufffd'],
  ['that is half of one', '\ud800'],
])('a text is cut between characters, here %s', (_, character) => {
  const text = character.repeat(20);
  const bytes = Buffer.byteLength(character);
  for (let cap = 0; cap <= 20 * bytes; cap += 1) {
    const whole = Math.floor(cap / bytes);
    const kept = Buffer.from(character.repeat(whole)).toString();
    expect(Buffer.from(cutText(text, cap).text).toString(), `${cap}`).toBe(kept);
    expect(cutText(text, cap).cut).toBe((20 - whole) * bytes);
  }
});

test('an event with a text of halves of characters, which JSON escapes, keeps a part of it', () => {
  const cut = fitEvent({
    type: 'item_delta',
    turn_id: 'turn',
    item_id: 'item',
    delta: { type: 'text', text: '\ud800'.repeat(MAX_EVENT_BYTES) },
  });
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(MAX_EVENT_BYTES);
  expect(cut).toMatchObject({
    delta: { text: expect.stringMatching(/^\ufffd{10000}/), truncated_bytes: expect.any(Number) },
  });
});
