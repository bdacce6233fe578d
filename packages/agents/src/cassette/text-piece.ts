import { type Raw, readObject, readText } from '../map/read.js';

/** One piece of a text that an agent sends in several updates. */
export interface TextPiece {
  /** Which text it belongs to. */
  readonly stream: string;
  readonly text: string;
}

/** The path to the piece in an update, by the kind of update. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  agent_message_chunk: ['content', 'text'],
  agent_thought_chunk: ['content', 'text'],
  user_message_chunk: ['content', 'text'],
  tool_call_update: ['_meta', 'terminal_output_delta', 'data'],
};

/** The piece of text in a message; `undefined` for a message without one. */
export function pieceOf(message: Raw): TextPiece | undefined {
  if (message.method !== 'session/update') return undefined;
  const params = readObject(message.params);
  const update = readObject(params?.update);
  const kind = readText(update?.sessionUpdate) ?? '';
  let value: unknown = update;
  for (const name of PLACES[kind] ?? ['']) value = readObject(value)?.[name];
  const text = readText(value);
  if (text === undefined || text === '') return undefined;
  return { stream: JSON.stringify([params?.sessionId, kind, update?.toolCallId]), text };
}

/** The message with another piece of text. */
export function withPiece(message: Raw, text: string): Raw {
  const params = readObject(message.params);
  const update = readObject(params?.update);
  const path = PLACES[readText(update?.sessionUpdate) ?? ''] ?? [];
  return { ...message, params: { ...params, update: withValue(update, path, text) } };
}

function withValue(value: unknown, [name, ...inner]: readonly string[], text: string): unknown {
  return name === undefined
    ? text
    : { ...readObject(value), [name]: withValue(readObject(value)?.[name], inner, text) };
}
