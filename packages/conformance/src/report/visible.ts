// What draws nothing, or makes a terminal do something: control and format characters, line separators, halves of
// surrogate pairs, and whatever Unicode says to ignore. Line feeds and tabs stay.
const HIDDEN = String.raw`(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]`;
// Emoji are made with joiners and selectors, which hide nothing there.
const EMOJI = String.raw`(?=\p{Emoji})\p{RGI_Emoji}`;
// What looks like a mark of this file.
const LOOKALIKE = String.raw`[␊␍]|<(?=U\+[0-9A-F]{4,6}>)`;
// What is drawn onto the character before it. A terminal leaves it out where that is none.
const JOINED = String.raw`[\p{M}\u1160-\u11ff\ud7b0-\ud7ff]`;
const PATTERN = new RegExp(`${EMOJI}|((?:${HIDDEN}|${LOOKALIKE})${JOINED}*|(?<=\\n)${JOINED}+)`, 'gv');
const JOINED_AT_START = new RegExp(`^${JOINED}+`, 'v');

/**
 * Makes every character of a text from outside visible, so that it does nothing to a terminal and hides nothing from a
 * person. A carriage return is shown as ␍, any other character that cannot be seen by its number, as `less` does:
 * `<U+001B>`. Nothing is left out. A text that looks like such a mark gets one itself, so that a mark is never a lie.
 */
export function visible(text: string): string {
  // Without this: shows what an agent or a server wrote as it is
  return text.replace(PATTERN, (part, hidden?: string) => (hidden === undefined ? part : marksOf(hidden)));
}

/** The same on one line: a line feed is shown as ␊, a tab as two spaces. `show` is this or `visibleInLog`. */
export function visibleLine(text: string, show: (text: string) => string = visible): string {
  return show(text).replace(JOINED_AT_START, marksOf).replaceAll('\n', '␊').replaceAll('\t', '  ');
}

// GitHub takes a line that begins with `::` for a command, and `##[` anywhere in a line; other systems `##vso[` and its like.
const COMMAND = /:(?=:)(?<=^\s*:)|#(?=#\w*\[)/gm;

/** The same for the logs of CI systems: none takes a part of the text for a command, wherever a report shows it. */
export function visibleInLog(text: string): string {
  // Without this: lets a server give commands to the CI that holds it to the contract
  return visible(text).replace(COMMAND, numberOf);
}

function marksOf(characters: string): string {
  return [...characters].map((character) => (character === '\r' ? '␍' : numberOf(character))).join('');
}

function numberOf(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return `<U+${number.toString(16).toUpperCase().padStart(4, '0')}>`;
}
