/** Escapes in JSON, one by one: a pair of surrogates, half of one or NUL, anything else. */
const ESCAPES =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))|.)/gs;

/** What has no such escape need not be looked at more closely. */
const SUSPICIOUS = /\\u(?:[dD][89a-fA-F]|0000)/;

/**
 * The same JSON with U+FFFD in place of each half of a surrogate pair and of NUL. Strict readers refuse a whole document for
 * one of them. A text that was decoded from UTF-8 has them only as escapes.
 */
export function wellFormedJson(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text.replace(ESCAPES, (whole, lone?: string) => (lone === undefined ? whole : '\\ufffd'));
}
