import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

import type { SecretGuard } from './held-secrets.js';
import { LineTooLongError, splitLines } from './lines.js';

/** A JSON-RPC message, as far as it matters on its way. */
export interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

/** Both directions of a connection, as streams of messages. */
export interface MessageStream<Wire extends Message> {
  readonly readable: ReadableStream<Wire>;
  readonly writable: WritableStream<Wire>;
  /** Lines that were no JSON objects. */
  garbageLines(): number;
  /** Why reading ended, if not simply with the stream. */
  failure(): Error | undefined;
}

/** What `openMessages` needs. */
export interface MessageStreamOptions {
  readonly output: Readable;
  readonly input: Writable;
  readonly lineBytes: number;
  /** Takes each `session/update`, in order; reading goes on when its promise resolves. */
  update(params: unknown, size: number): void | Promise<void>;
  /** Takes secrets out of what comes. @default everything passes */
  readonly guard?: SecretGuard;
}

/**
 * Reads and writes a message a line. Updates never reach the library behind `readable`: it would validate them before
 * any handler of ours, drop what it does not know, and start a task for each without waiting for any. They are taken
 * right here, in order, and while they are not, no byte is read.
 */
export function openMessages<Wire extends Message>(options: MessageStreamOptions): MessageStream<Wire> {
  const { output, input, guard } = options;
  const batches = splitLines(output, options.lineBytes);
  const asked = new Set<unknown>();
  let batch: readonly string[] = [];
  let next = 0;
  let garbage = 0;
  let failure: Error | undefined;

  /** The next line, or `undefined` at the end. */
  const readLine = async (): Promise<string | undefined> => {
    while (next >= batch.length) {
      const more = await batches.next();
      if (more.done) return undefined;
      batch = more.value;
      next = 0;
    }
    return batch[next++];
  };

  /** The message without secrets. What was held back of those before, always an update, comes first. */
  const guarded = async (guard: SecretGuard, message: Wire, size: number): Promise<Wire | undefined> => {
    const messages = guard.pass(message as Wire & Record<string, unknown>);
    for (const { params } of messages.slice(0, -1)) await options.update(params, size);
    return messages.at(-1);
  };

  /** The next message for the library, or `undefined` at the end. */
  const readMessage = async (): Promise<Wire | undefined> => {
    for (;;) {
      // An `await` for a line that is there already would cost more than the line.
      const line = next < batch.length ? batch[next++] : await readLine();
      if (line === undefined) {
        for (const { params } of guard?.rest() ?? []) await options.update(params, 0);
        return undefined;
      }
      let message = parseMessage<Wire>(guard === undefined ? line : guard.clean(line));
      if (guard !== undefined && message !== undefined) message = await guarded(guard, message, line.length);
      else if (message === undefined) garbage += line.trim() === '' ? 0 : 1;
      if (message === undefined) continue;
      if (message.method === 'session/update') {
        const taken = options.update(message.params, line.length);
        if (taken) await taken;
      } else if (message.method !== undefined || asked.delete(message.id)) return message;
      // else it answers what nobody asked, and the library would print that
    }
  };

  const readable = new ReadableStream<Wire>(
    {
      async pull(controller) {
        // What the message before set off (an answered prompt, a permission request) takes its place in the queue
        // before anything that came later.
        // Without this: takes the end of a turn before what came ahead of it
        await nextTurnOfTheLoop();
        try {
          const message = await readMessage();
          if (message) return controller.enqueue(message);
        } catch (error) {
          // Anything else is a pipe that broke with its process: a plain end, which `exited` explains.
          if (error instanceof LineTooLongError) failure = error;
        }
        controller.close();
      },
      cancel: () => void output.destroy(),
    },
    { highWaterMark: 0 }, // nothing is read ahead of the library
  );

  const writable = new WritableStream<Wire>({
    write(message) {
      if (message.method !== undefined && message.id !== undefined) asked.add(message.id);
      return new Promise<void>((resolve, reject) => {
        input.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
      });
    },
  });
  return { readable, writable, garbageLines: () => garbage, failure: () => failure };
}

/** What an object means is the library's business; here it need only be one. */
function parseMessage<Wire>(line: string): Wire | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null && !Array.isArray(message) ? (message as Wire) : undefined;
  } catch {
    return undefined; // counted as garbage
  }
}
