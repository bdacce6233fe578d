/** How deeply a client's JSON may be nested: recursive functions would overflow the stack with deeper values. */
const MAX_DEPTH = 64;

/** The message for a value that is nested too deeply. */
export const TOO_DEEP = `expected at most ${MAX_DEPTH} levels of nesting, got more`;

/** Whether a parsed value is nested too deeply. Stops as soon as it is known. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1));
}

/** The message for a number such as 1e400. */
export const TOO_LARGE = 'expected numbers that a double can hold, got a larger one';

/** Whether a parsed value has a number that was too large for a double. It would be given back as null. */
export function hasTooLarge(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasTooLarge);
}

/** The most values of a body: each costs a hundred bytes when it is read, however few it has in the text. */
const MAX_VALUES = 100_000;

/** The message for a text with too many values. */
const TOO_MANY = `expected at most ${MAX_VALUES} values, got more`;

/** Why a JSON text must not be parsed: it is nested too deeply, or has too many values. Undefined if it may be. */
export function problemOfText(text: string): string | undefined {
  let depth = 0;
  let values = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) index = endOfString(text, index);
    else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    else if (code === 0x2c) values += 1;
    if (depth > MAX_DEPTH) return TOO_DEEP;
    // Without this: spends hundreds of megabytes on one body
    if (values >= MAX_VALUES) return TOO_MANY;
  }
  return undefined;
}

/** Where the string ends that begins at `start`: at its quotation mark, or with the text. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x5c) index += 1;
    else if (code === 0x22) return index;
  }
  return text.length;
}
