import { ServiceError } from '@parleyhq/contract';
import { type AsyncDisposableLike, asyncDispose } from '../dispose.js';
import { ConnectionError } from '../errors.js';
import type { LogReader } from '../log-reader.js';
import type { Stop } from '../stop.js';
import { type Backoff, backoffDelay, wait } from './backoff.js';
import type { ConnectionStatus } from './connection-status.js';
import { createEventQueue } from './event-queue.js';
import type { SessionEvent } from './session-event.js';
import type { Reader, SharedConnection } from './shared-connection.js';
import { endOf, gaveUp, type StreamEnd } from './stream-end.js';

/**
 * Events of a session, each once and in order, across any number of reconnects. It can be iterated once. Leaving the loop only
 * stops the reading.
 */
export interface EventStream extends AsyncDisposableLike {
  /** The id of the last event whose loop body has finished. Store it, and another process can continue with `after: cursor`. */
  readonly cursor: number;
  /** Why the loop has ended; undefined before that, also while the last events are still waiting for the loop. */
  readonly end: StreamEnd | undefined;
  next(): Promise<IteratorResult<SessionEvent, undefined>>;
  return(): Promise<IteratorReturnResult<undefined>>;
  [Symbol.asyncIterator](): EventStream;
}

/** Where a stream reads from, and how many events may wait for the loop. */
export interface EventStreamSource {
  readonly connection: SharedConnection;
  /** Opens the log; reading ends when the signal is aborted. */
  openLog(signal: AbortSignal): LogReader;
  /** How many events may wait for the loop. */
  readonly queueLimit: number;
  readonly backoff: Backoff;
}

/** The options of one loop. */
export interface EventStreamOptions {
  /** The id of the last event that the loop has. */
  readonly after: number;
  /** Any of these aborts the stream. */
  readonly stops: readonly Stop[];
  readonly onConnection?: ((status: ConnectionStatus) => void) | undefined;
}

/**
 * A queue between the shared connection of a session and one loop. When the queue is full, the stream leaves the connection.
 * When the loop has emptied it, the stream continues from its last event, so nothing is lost and memory stays bounded
 * (promise 5). Events that the connection has already passed are read from the log, which also refuses a cursor that is ahead.
 */
export function createEventStream(source: EventStreamSource, options: EventStreamOptions): EventStream {
  const { connection } = source;
  const queue = createEventQueue(source.queueLimit);
  const reading = new AbortController();
  const removals: (() => void)[] = [];
  const log = source.openLog(reading.signal);
  let received = options.after;
  let confirmed = false;
  let handedOut = options.after;
  let cursor = options.after;
  let begun = false;
  let joined = false;
  let end: StreamEnd | undefined;
  // The end as the loop has seen it. A loop that is left while events still wait has not seen the end.
  let told: StreamEnd | undefined;
  let thrown = false;
  let wake: (() => void) | undefined;
  let pending: Promise<unknown> | undefined;

  const reader: Reader = {
    get received() {
      return received;
    },
    get confirmed() {
      return confirmed;
    },
    event(event, size) {
      // Without this: gives a loop what it has
      if (event.id <= received) return;
      enqueue(event, size);
      if (!queue.full) return;
      leave();
      report({ status: 'paused' });
    },
    status: report,
    end: finish,
    rejoin() {
      joined = false;
      wake?.();
    },
  };

  const stream: EventStream = {
    get cursor() {
      return cursor;
    },
    get end() {
      return told;
    },
    [Symbol.asyncIterator]: () => stream,
    next() {
      const ready = pending ? undefined : takeQueued();
      if (ready) return Promise.resolve(ready);
      const result = pending ? pending.then(take, take) : take();
      const settled = result.then(forget, forget);
      pending = settled;
      return result;

      function forget(): void {
        if (pending === settled) pending = undefined;
      }
    },
    return() {
      queue.clear();
      finish({ reason: 'left' });
      told ??= { reason: 'left' };
      thrown = true;
      return Promise.resolve({ value: undefined, done: true });
    },
    async [asyncDispose]() {
      await stream.return();
    },
  };
  return stream;

  /** The next event that waits. Asking for it means that the loop body of the event before has finished. */
  function takeQueued(): IteratorYieldResult<SessionEvent> | undefined {
    cursor = handedOut;
    const event = queue.shift();
    if (event === undefined) return undefined;
    // Without this: moves the cursor when a loop body begins
    handedOut = event.id;
    return { value: event, done: false };
  }

  async function take(): Promise<IteratorResult<SessionEvent, undefined>> {
    if (!begun) begin();
    for (;;) {
      const ready = takeQueued();
      if (ready) return ready;
      if (end) return conclude(end);
      joined ||= connection.join(reader);
      if (joined) await new Promise<void>((resolve) => (wake = resolve));
      else await readPage();
    }
  }

  /** Called when the first event is asked for, so that a stream that nobody reads keeps no listeners. */
  function begin(): void {
    begun = true;
    for (const onStop of options.stops) removals.push(onStop(abort));
    if (end) release();
  }

  function release(): void {
    for (const remove of removals.splice(0)) remove();
  }

  /** Reads from the log what the connection has already passed; also when the cursor may be ahead of the log's end. */
  async function readPage(): Promise<void> {
    try {
      const page = await log.page(received);
      if (end) return;
      for (const event of page.events) enqueue(event, 0);
      // An empty page means that the log is a moment behind the socket. The first page only confirms the cursor: no wait.
      if (page.events.length === 0 && confirmed) await wait(backoffDelay(0, source.backoff), reading.signal);
      confirmed = true;
    } catch (error) {
      if (error instanceof ConnectionError) finish({ reason: 'gave_up', error });
      else if (!(error instanceof ServiceError)) finish({ reason: 'failed', error });
      else finish(error.retryable ? gaveUp('read the log', log.attempts, error) : endOf(error));
    }
  }

  function enqueue(event: SessionEvent, size: number): void {
    received = event.id;
    confirmed = true;
    queue.push(event, size);
    wake?.();
  }

  function conclude(reached: StreamEnd): IteratorReturnResult<undefined> {
    told ??= reached;
    if (thrown || !('error' in reached)) return { value: undefined, done: true };
    thrown = true;
    throw reached.error;
  }

  function abort(reason: unknown): void {
    queue.clear();
    finish({ reason: 'aborted', error: reason });
  }

  function finish(reached: StreamEnd): void {
    if (end) return;
    end = reached;
    leave();
    reading.abort();
    release();
    report({ status: 'ended', end });
    wake?.();
  }

  function leave(): void {
    joined = false;
    connection.leave(reader);
  }

  function report(status: ConnectionStatus): void {
    const { onConnection } = options;
    // In a microtask, so that an error of the application's callback breaks nothing here.
    if (onConnection) queueMicrotask(() => onConnection(status));
  }
}
