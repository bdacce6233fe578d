import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';
import { findMessage, UnreadableLineError } from './find-message.js';
import type { SecretGuard } from './held-secrets.js';
import { LineTooLongError, splitLines } from './lines.js';
import { createUnanswered } from './unanswered.js';
import type { Translation } from './v2/translation.js';
import { createWholeCharacters, isSuspicious } from './whole-characters.js';

/** The fields of a JSON-RPC message that this module looks at. */
export interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

/** Both directions of a connection, as streams of messages. */
export interface MessageStream<Wire extends Message> {
  readonly readable: ReadableStream<Wire>;
  readonly writable: WritableStream<Wire>;
  /** How many lines were not JSON objects. */
  garbageLines(): number;
  /** The error that ended reading; `undefined` if the stream simply ended. */
  failure(): Error | undefined;
}

/** What `openMessages` needs. */
export interface MessageStreamOptions {
  readonly output: Readable;
  readonly input: Writable;
  readonly lineBytes: number;
  /** Receives each `session/update`, in order. Reading goes on when its promise resolves. */
  update(params: unknown, size: number): void | Promise<void>;
  /** Receives each request before the library does, and may change it. Reading goes on when its promise resolves. */
  request(message: Message, size: number): void | Promise<void>;
  /** How many requests of the agent, and characters of them, may be without an answer that it has taken. */
  readonly unanswered: { readonly requests: number; readonly size: number };
  /** Removes secrets from incoming messages. @default everything passes */
  readonly guard?: SecretGuard;
  /** Speaks with an agent of another version of ACP. @default lines and messages pass as they are */
  readonly translation?: Translation;
}

/**
 * Reads and writes one message per line. Updates do not go through `readable` to the ACP library: it would validate them
 * first, drop those that it does not know, and start a task for each without waiting. They are handed to `options.update`
 * here, in order, and no byte is read until that has finished.
 */
export function openMessages<Wire extends Message>(options: MessageStreamOptions): MessageStream<Wire> {
  const { output, input, guard, translation } = options;
  const batches = splitLines(output, options.lineBytes);
  /** The ids of our requests that wait for an answer. */
  const pending = new Set<unknown>();
  const characters = createWholeCharacters();
  let batch: readonly string[] = [];
  let next = 0;
  const unanswered = createUnanswered(options.unanswered);
  let garbage = 0;
  let failure: Error | undefined;

  /** The next line, or `undefined` at the end. */
  const readLine = async (): Promise<string | undefined> => {
    while (next >= batch.length) {
      const more = await batches.next();
      if (more.done) return undefined;
      // Lines that are no message are passed over without a pause: here is one, so that other things run too.
      await nextTurnOfTheLoop();
      batch = translation === undefined ? more.value : more.value.flatMap(translation.incoming);
      next = 0;
    }
    return batch[next++];
  };

  /** The message in a line. The last line of a process that was killed is half a message, which is no fault. */
  const read = (line: string): Wire | undefined => {
    try {
      return findMessage<Wire>(line);
    } catch (error) {
      if (output.readableEnded) return undefined;
      throw error;
    }
  };

  /** The message without secrets and halves of characters. A message that was held back, always an update, is delivered first. */
  const cleaned = async (message: Wire, line: string): Promise<Wire | undefined> => {
    const given = message as Wire & Record<string, unknown>;
    // Without this: takes half a character of what an agent says
    const whole = isSuspicious(line) || characters.waits ? characters.pass(given) : [given];
    const messages = guard === undefined ? whole : whole.flatMap((one) => guard.pass(one));
    for (const { params } of messages.slice(0, -1)) await options.update(params, line.length);
    return messages.at(-1);
  };

  /** The next message for the library, or `undefined` at the end. */
  const readMessage = async (): Promise<Wire | undefined> => {
    for (;;) {
      // Without this: keeps any number of answers for an agent that does not read them
      if (unanswered.full) await unanswered.room();
      // No `await` for a line that has been read already: it would cost more than handling the line.
      const line = next < batch.length ? batch[next++] : await readLine();
      if (line === undefined) {
        const rest = characters.rest();
        const held = guard === undefined ? rest : [...rest.flatMap((one) => guard.pass(one)), ...guard.rest()];
        for (const { params } of held) await options.update(params, 0);
        return undefined;
      }
      let message = read(guard === undefined ? line : guard.clean(line));
      if (message === undefined) garbage += line.trim() === '' ? 0 : 1;
      // No `await` for a message that stays as it is.
      else if (guard !== undefined || characters.waits || isSuspicious(line)) message = await cleaned(message, line);
      if (message === undefined) continue;
      if (message.method === 'session/update') {
        const taken = options.update(message.params, line.length);
        if (taken) await taken;
      } else if (message.method !== undefined) {
        const seen = options.request(message, line.length);
        if (seen) await seen;
        // What `request` has taken out of it does not count.
        if (message.id !== undefined) unanswered.add(message.id, Math.min(line.length, sizeOf(message)));
        return message;
      } else if (pending.delete(message.id)) return message;
      // Otherwise it is an answer without a request. The library would print a warning about it.
    }
  };

  const readable = new ReadableStream<Wire>(
    {
      async pull(controller) {
        // The handlers of the previous message run first (an answered prompt, a permission request), so that their
        // entries stand in the queue before those of later messages.
        // Without this: takes the end of a turn before what came ahead of it
        await nextTurnOfTheLoop();
        try {
          const message = await readMessage();
          if (message) return controller.enqueue(message);
        } catch (error) {
          // Any other error is a pipe that broke because the process ended; `exited` says why.
          if (error instanceof LineTooLongError || error instanceof UnreadableLineError) failure = error;
        }
        controller.close();
      },
      cancel: () => void output.destroy(),
    },
    { highWaterMark: 0 }, // nothing is read before the library asks for it
  );

  const writable = new WritableStream<Wire>({
    write(message) {
      if (message.method !== undefined && message.id !== undefined) pending.add(message.id);
      return new Promise<void>((resolve, reject) => {
        const spoken = translation === undefined ? message : translation.outgoing(message);
        input.write(`${JSON.stringify(spoken)}\n`, (error) => {
          if (message.method === undefined) unanswered.remove(message.id);
          if (error) reject(error);
          else resolve();
        });
      });
    },
  });
  return { readable, writable, garbageLines: () => garbage, failure: () => failure };
}

function sizeOf(message: unknown): number {
  try {
    return JSON.stringify(message).length;
  } catch {
    return Number.POSITIVE_INFINITY; // it is nested too deeply to be written
  }
}
