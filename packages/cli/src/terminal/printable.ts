import { stripVTControlCharacters } from 'node:util';

// Line separators that terminals do not show as such, and marks that change the direction of text: they could make a
// patch look different from what it is.
const DECEPTIVE = /[\u2028\u2029\u061c\u202a-\u202e\u2066-\u2069]/g;
// The control characters of ASCII and Latin-1, except for the line feed and the tab.
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/**
 * Makes text from outside safe for a terminal. It cannot move the cursor, set the title or the clipboard, or hide
 * anything. Escape sequences and carriage returns are removed; every other control character is shown as a visible one.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\r', '')
    .replace(CONTROL, pictureOf)
    .replace(DECEPTIVE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** ASCII control characters are shown as Unicode's control pictures (␛), the others as numbers. */
function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\\x${code.toString(16)}`;
}
