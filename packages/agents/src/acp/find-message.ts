import { readText } from '../map/read.js';

/** A line that is meant as a message cannot be read. The agent waits for an answer to it, or somebody for it. */
export class UnreadableLineError extends Error {
  override readonly name = 'UnreadableLineError';
  constructor(line: string) {
    super(`the agent sent a message that cannot be read: ${JSON.stringify(readText(line, 200))}`);
  }
}

const BEGINNINGS = /\{\s*"(?:jsonrpc|id|method|params|result|error)"\s*:/g;
/** A message begins at one of so many places of its line. */
const MAX_PLACES = 8;

/**
 * The message in a line; undefined for a line without one. What a launcher or a terminal has printed on the same line, before the message or
 * behind it, is passed over.
 *
 * @throws UnreadableLineError for a line that names JSON-RPC and cannot be read.
 */
export function findMessage<Wire>(line: string): Wire | undefined {
  const whole = parseObject<Wire>(line);
  if (whole !== undefined) return whole;
  if (!line.includes('"jsonrpc"')) return undefined;
  const end = line.lastIndexOf('}') + 1;
  for (const { index } of [...line.matchAll(BEGINNINGS)].slice(0, MAX_PLACES)) {
    const found = parseObject<Wire>(line.slice(index, end));
    if (found !== undefined) return found;
  }
  // Without this: waits for an answer that has come and cannot be read
  throw new UnreadableLineError(line);
}

function parseObject<Wire>(text: string): Wire | undefined {
  // A failed parse costs a hundred times as much, and an agent may print millions of lines that are no message.
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : undefined;
  } catch {
    return undefined;
  }
}
