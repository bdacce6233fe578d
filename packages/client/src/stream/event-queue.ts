import type { SessionEvent } from './session-event.js';

/** Events that wait for a loop, up to a limit. */
export interface EventQueue {
  /** Adds an event; `size` is the number of characters of its frame. */
  push(event: SessionEvent, size: number): void;
  shift(): SessionEvent | undefined;
  clear(): void;
  /** Whether the limit is reached: nothing should be added until the queue is empty. */
  readonly full: boolean;
}

/** The maximum number of characters that wait, since events may be large. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** A queue that is full with this many events, or with fewer large ones. */
export function createEventQueue(maxEvents: number): EventQueue {
  const waiting: { readonly event: SessionEvent; readonly size: number }[] = [];
  let characters = 0;
  return {
    push(event, size) {
      waiting.push({ event, size });
      characters += size;
    },
    shift() {
      const first = waiting.shift();
      characters -= first?.size ?? 0;
      return first?.event;
    },
    clear() {
      waiting.length = 0;
      characters = 0;
    },
    get full() {
      // Without this: has no bound for the size of what waits
      // Without this: has no bound for what waits for a loop
      return waiting.length >= maxEvents || characters >= MAX_CHARACTERS;
    },
  };
}
