import { readText } from '../map/read.js';

/** A line that is meant as a message cannot be read. The agent waits for an answer to it, or somebody for it. */
export class UnreadableLineError extends Error {
  override readonly name = 'UnreadableLineError';
  constructor(line: string) {
    super(`the agent sent a message that cannot be read: ${JSON.stringify(readText(line, 200))}`);
  }
}

const BEGINNINGS = /\{\s*"(?:jsonrpc|id|method|params|result|error)"\s*:/g;
/** The most values of a message: each costs a hundred bytes when it is read, however few it has in the line. */
const MAX_VALUES = 500_000;

/** A message begins at one of so many places of its line. */
const MAX_PLACES = 8;

/**
 * The message in a line; undefined for a line without one. What a launcher or a terminal has printed on the same line, before the message or
 * behind it, is passed over.
 *
 * @throws UnreadableLineError for a line that names JSON-RPC and cannot be read, or that has too many values.
 */
export function findMessage<Wire>(line: string): Wire | undefined {
  // Without this: spends seconds and hundreds of megabytes on one line
  if (hasTooManyValues(line)) throw new UnreadableLineError(line);
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

/** Whether JSON has more values than are read, by the commas and colons outside of its texts. */
function hasTooManyValues(line: string): boolean {
  if (line.length < 2 * MAX_VALUES) return false;
  let values = 0;
  for (let index = 0; index < line.length && values <= MAX_VALUES; index += 1) {
    const code = line.charCodeAt(index);
    if (code === 0x2c || code === 0x3a) values += 1;
    else if (code === 0x22) index = endOfText(line, index);
  }
  return values > MAX_VALUES;
}

/** Where the text ends that begins at `start`: at its quotation mark, or with the line. */
function endOfText(line: string, start: number): number {
  for (let end = line.indexOf('"', start + 1); end !== -1; end = line.indexOf('"', end + 1)) {
    let escapes = 0;
    while (line.charCodeAt(end - 1 - escapes) === 0x5c) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return line.length;
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
