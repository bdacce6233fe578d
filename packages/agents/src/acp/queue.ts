/** How much may wait in a queue before its producer must pause. */
export interface QueueLimits {
  readonly items: number;
  readonly bytes: number;
}

/** A first-in-first-out queue with one producer, which can be paused, and one consumer, which takes all items at once. */
export interface BoundedQueue<T> {
  /** Adds an item, even to a full queue: order is kept without waiting. A producer checks `full` before it goes on. */
  push(item: T, bytes?: number): void;
  readonly full: boolean;
  /** Resolves when the queue is no longer full, or is closed. */
  room(): Promise<void>;
  /** Waits for at least one item and gives all that there are, in order; `undefined` for a closed, empty queue. */
  take(): Promise<T[] | undefined>;
  /** Ends the queue. Items in it can still be taken. */
  close(): void;
}

/** Creates an empty queue. */
export function createQueue<T>(limits: QueueLimits): BoundedQueue<T> {
  let items: T[] = [];
  let bytes = 0;
  let closed = false;
  let wakeProducer: (() => void) | undefined;
  let wakeConsumer: (() => void) | undefined;
  const isFull = () => !closed && (items.length >= limits.items || bytes >= limits.bytes);

  return {
    push(item, size = 0) {
      items.push(item);
      bytes += size;
      wakeConsumer?.();
    },
    get full() {
      return isFull();
    },
    async room() {
      while (isFull()) {
        await new Promise<void>((resolve) => {
          wakeProducer = resolve;
        });
      }
    },
    async take() {
      while (items.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wakeConsumer = resolve;
        });
      }
      if (items.length === 0) return undefined;
      const taken = items;
      items = [];
      bytes = 0;
      wakeProducer?.();
      return taken;
    },
    close() {
      closed = true;
      wakeConsumer?.();
      wakeProducer?.();
    },
  };
}
