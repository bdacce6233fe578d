/**
 * @file Whether every text that one pattern lets pass is let pass by another: a question about automata, which `refa`
 * answers exactly.
 */
import { DFA, getIntersectionWords, JS, NFA, Words } from 'refa';

/**
 * A text that a pattern lets pass and another one does not; undefined where there is none.
 *
 * @param {RegExp} pattern
 * @param {RegExp} other
 * @returns {string | undefined}
 * @throws where one of them is more than a regular expression can say, or has alternatives outside of parentheses.
 */
export function findEscape(pattern, other) {
  const refused = DFA.fromFA(languageOf(other));
  refused.complement();
  return firstOf(getIntersectionWords(languageOf(pattern), refused));
}

/** One of the shortest texts that a pattern lets pass. @param {RegExp} pattern */
export function shortestMatch(pattern) {
  return firstOf(languageOf(pattern).words()) ?? '';
}

/** A pattern is searched for in a text, so that whatever it does not anchor may stand around it. */
function languageOf({ source, flags }) {
  if (hasBareAlternatives(source)) throw new Error(`The pattern ${source} has alternatives: put them in parentheses.`);
  const start = source.startsWith('^') ? source.slice(1) : `[^]*${source}`;
  const whole = /(?<!\\)(?:\\\\)*\$$/.test(start) ? start.slice(0, -1) : `${start}[^]*`;
  const literal = { source: whole, flags: flags.includes('i') ? 'iu' : 'u' };
  const { expression, maxCharacter } = JS.Parser.fromLiteral(literal).parse({
    assertions: 'throw',
    backreferences: 'throw',
  });
  return NFA.fromRegex(expression, { maxCharacter });
}

function hasBareAlternatives(source) {
  let bare = source.replaceAll(/\\./g, '').replaceAll(/\[[^\]]*\]/g, '');
  for (let before = ''; before !== bare; ) {
    before = bare;
    bare = bare.replaceAll(/\([^()]*\)/g, '');
  }
  return bare.includes('|');
}

function firstOf(words) {
  for (const word of words) return Words.fromUnicodeToString(word);
  return undefined;
}
