/** How much waits in a queue before whoever fills it must wait. */
export interface QueueLimits {
  readonly items: number;
  readonly bytes: number;
}

/** A first-in-first-out queue between one producer, who can be told to wait, and one consumer, who takes all there is. */
export interface BoundedQueue<T> {
  /** Never refuses, so that order can be kept synchronously: a producer looks at `full` first. */
  push(item: T, bytes?: number): void;
  readonly full: boolean;
  /** Resolves when the queue is not full, or closed. */
  room(): Promise<void>;
  /** Everything that waits, in order; waits for something. `undefined` when the queue was closed and is empty. */
  take(): Promise<T[] | undefined>;
  /** Nothing comes any more; what waits can still be taken. */
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
