import type { StoredEvent } from '../log/event-log.js';

/**
 * Consecutive events that are sent together. All readers of a live page get the same object, so that a transport needs to
 * encode it only once.
 */
export type Page = readonly StoredEvent[];

/** How many characters the frames of a page have. */
export function charactersOf(page: Page): number {
  return page.reduce((sum, event) => sum + event.frame.length, 0);
}
