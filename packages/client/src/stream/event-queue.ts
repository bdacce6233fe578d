import type { SessionEvent } from './session-event.js';

/** Events that wait for a loop, with a bound. */
export interface EventQueue {
  /** Adds an event whose frame has so many characters. */
  push(event: SessionEvent, size: number): void;
  shift(): SessionEvent | undefined;
  clear(): void;
  /** Whether no more should come before the queue is empty again. */
  readonly full: boolean;
}

/** Characters of frames that may wait: events may be large. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** A queue that is full with so many events, or with fewer that are large. */
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
