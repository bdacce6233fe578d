import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleInLog, visibleLine } from './visible.js';

describe('text of others', () => {
  it.each([
    ['plain text, 排序, 👩‍💻, ⚠️, 🇩🇪, and\ttabs\n', 'plain text, 排序, 👩‍💻, ⚠️, 🇩🇪, and\ttabs\n'],
    ['\u001b[31mred\u001b[0m', '<U+001B>[31mred<U+001B>[0m'],
    ['\u001b]0;title\u0007after', '<U+001B>]0;title<U+0007>after'],
    ['a\bb\u0000\u007f', 'a<U+0008>b<U+0000><U+007F>'],
    ['\u0085\u009d', '<U+0085><U+009D>'],
    ['over\rwritten\r\n', 'over␍written␍\n'],
    ['if (a \u202e) b', 'if (a <U+202E>) b'],
    ['one\u2028two', 'one<U+2028>two'],
    ['a\u200bb\u200dc\ufe0fd\u3164\ufeff', 'a<U+200B>b<U+200D>c<U+FE0F>d<U+3164><U+FEFF>'],
    ['x\u{e0041}\u{e007f}', 'x<U+E0041><U+E007F>'],
    ['\ud800 \udc00', '<U+D800> <U+DC00>'],
    ['e\u0301 \r\u0301\u1161 <U+1>\n\u0302', 'e\u0301 ␍<U+0301><U+1161> <U+1>\n<U+0302>'],
    ['a mark: <U+001B>, ␍', 'a mark: <U+003C>U+001B>, <U+240D>'],
    ['non-breaking\u00a0space, <U+1>, <u+001b>', 'non-breaking\u00a0space, <U+1>, <u+001b>'],
  ])('%j is shown as %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('is shown so that it can be told what it was', () => {
    const back = (shown: string) =>
      shown
        .replaceAll('␍', '\r')
        .replaceAll(/<U\+([0-9A-F]{4,6})>/g, (_, number: string) => String.fromCodePoint(Number.parseInt(number, 16)));
    const piece = fc.oneof(
      fc.constantFrom('\r', '\n', '\u001b[', '<U+', '001B>', '␍', '\u200d', '👩', '💻', '\ufe0f', '\ud83d', '\u202e'),
      fc.nat(0x10ffff).map((number) => String.fromCodePoint(number)),
      fc.nat(0x3000).map((number) => String.fromCodePoint(number)),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        expect(back(visible(text))).toBe(text);
      }),
    );
  });

  it('stays on its line where it has one', () => {
    expect(visibleLine('one\n\ttwo\r\n')).toBe('one␊  two␍␊');
    expect(visibleLine('\u0301x')).toBe('<U+0301>x');
  });

  it.each([
    ['::add-mask::x', '<U+003A>:add-mask::x'],
    ['a\n \t::set-output name=x::y', 'a\n \t<U+003A>:set-output name=x::y'],
    ['std::vector', 'std::vector'],
    ['a ##[add-mask]x', 'a <U+0023>#[add-mask]x'],
    ['##vso[task.setvariable variable=x]y', '<U+0023>#vso[task.setvariable variable=x]y'],
    ['## [1.0.0]', '## [1.0.0]'],
    ['\u001b', '<U+001B>'],
  ])('%j is no command in a log: %j', (text, shown) => {
    expect(visibleInLog(text)).toBe(shown);
  });
});
