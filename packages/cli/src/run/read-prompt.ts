import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ReadStream } from 'node:tty';
import { EXIT, ExitError } from '../exit-error.js';

/**
 * The message to send: the argument. If that is `-`, or if there is no argument and standard input is not a terminal,
 * it is read from standard input.
 *
 * @throws ExitError if there is no message; an AbortError if the signal is aborted.
 */
export async function readPrompt(
  argument: string | undefined,
  input: ReadStream,
  signal: AbortSignal,
): Promise<string> {
  const piped = argument === '-' || (argument === undefined && !input.isTTY);
  const prompt = piped ? await text(addAbortSignal(signal, input)) : (argument ?? '');
  if (prompt.trim() !== '') return prompt;
  throw new ExitError(
    EXIT.usage,
    `expected a message for the agent, ${piped ? 'and standard input had none' : 'for example parley run "Add a test"'}`,
  );
}
