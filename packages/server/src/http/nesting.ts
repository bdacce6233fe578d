/** How deeply what a client sends may be nested: what is deeper would overflow the stack of whatever walks it. */
const MAX_DEPTH = 64;

/** What is said of a value that is nested more deeply. */
export const TOO_DEEP = `expected at most ${MAX_DEPTH} levels of nesting, got more`;

/** Whether a value from JSON is nested too deeply; looks no further than need be. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1));
}

/** Whether JSON is nested too deeply, told before it is parsed. */
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
