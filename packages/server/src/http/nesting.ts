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

/** Whether a JSON text is nested too deeply, without parsing it. */
export function isTextTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
