/** Escapes in JSON, one by one: a pair of surrogates, half of one, NUL, anything else. */
const ESCAPES =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|(u0000)|.)/gs;

/** What has no such escape need not be looked at more closely. */
const SUSPICIOUS = /\\u(?:[dD][89a-fA-F]|0000)/;

/**
 * The same JSON with U+FFFD in place of each half of a surrogate pair and of NUL. Strict readers refuse a whole document for
 * one of them. A text that was decoded from UTF-8 has them only as escapes.
 *
 * @param keepNul Whether NUL stays, for what is still to be checked: a text that may have no control characters is refused for it.
 */
export function wellFormedJson(text: string, { keepNul = false } = {}): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text.replace(ESCAPES, (whole, half?: string, nul?: string) =>
    half !== undefined || (nul !== undefined && !keepNul) ? '\\ufffd' : whole,
  );
}
