import type { Event } from '@parleyhq/contract';
import { expect } from 'vitest';
import { parse } from '../shared/history.js';
import type { Acknowledged } from './submitters.js';

type Of<Type extends Event['type']> = Extract<Event, { type: Type }>;

/** The turns of a log. */
export interface Turns {
  readonly accepted: readonly Of<'submission_accepted'>[];
  readonly ends: readonly Of<'turn_completed'>[];
}

/**
 * Fails unless each submission is in the log once, at the event id that its sender got, each turn has exactly one end,
 * and the agent got each submission at most once.
 */
export function expectSubmissions(
  frames: readonly string[],
  acknowledged: readonly Acknowledged[],
  promptedKeys: readonly string[],
): Turns {
  const events = frames.map((frame) => parse(frame).payload as Event);
  const accepted = events.filter((event) => event.type === 'submission_accepted');
  const ends = events.filter((event) => event.type === 'turn_completed');
  const ids = accepted.map((event) => event.submission_id);
  expect(new Set(ids).size, 'a submission is in the log once').toBe(ids.length);
  for (const { submissionId, eventId } of acknowledged) {
    expect(events[eventId - 1], 'an acknowledged submission is where its sender was told').toMatchObject({
      type: 'submission_accepted',
      submission_id: submissionId,
    });
  }
  const turns = accepted.map((event) => event.turn_id);
  expect(ends.map((event) => event.turn_id).sort(), 'each turn has exactly one end').toEqual(turns.sort());
  expect(new Set(promptedKeys).size, 'a submission reaches the agent at most once').toBe(promptedKeys.length);
  return { accepted, ends };
}
