import { stripVTControlCharacters } from 'node:util';

// Line separators that are none to a terminal, and the marks that change the direction of the text around them: a patch
// must not look other than it is.
const DECEPTIVE = /[\u2028\u2029\u061c\u202a-\u202e\u2066-\u2069]/g;
// Control characters of both sets, but for the line feed and the tab.
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/**
 * Text of others, as a terminal may be given it: whatever an agent says, it moves no cursor, sets no title or clipboard and
 * hides nothing. Escape sequences are taken out, carriage returns too; every other control character is shown in its place.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\r', '')
    .replace(CONTROL, pictureOf)
    .replace(DECEPTIVE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Unicode has a picture of each of the first set (␛); the others are written as numbers. */
function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\\x${code.toString(16)}`;
}
