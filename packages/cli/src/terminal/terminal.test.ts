import { describe, expect, it } from 'vitest';
import { fitLine, widthOf, wrapLine } from './fit-line.js';
import { foldLines, linesOf, printedLinesOf } from './fold-lines.js';
import { createScreen } from './screen.js';

describe('a line', () => {
  it('is cut where the terminal ends, not in the middle of a character', () => {
    const cut = (text: string, columns: number) =>
      fitLine([{ text }], columns)
        .map((span) => span.text)
        .join('');
    expect(cut('short', 5)).toBe('short');
    expect(cut('too long', 5)).toBe('too …');
    expect(cut('排序函数', 6)).toBe('排序…');
    expect(widthOf(cut('👩‍💻👩‍💻👩‍💻', 5))).toBe(5);
  });

  it('is folded with its like only where that saves more than it costs', () => {
    const lines = ['1', '2', '3', '4', '5'];
    const mark = (count: number) => `${count} more`;
    expect(foldLines(lines, { head: 1, tail: 1 }, mark)).toEqual(['1', '3 more', '5']);
    expect(foldLines(lines, { head: 2, tail: 2 }, mark)).toEqual(lines);
    expect(foldLines(lines, { head: 0, tail: 1 }, mark)).toEqual(['4 more', '5']);
  });

  it('of a command ends where another would be drawn over it; one of a diff does not', () => {
    expect(printedLinesOf('10%\r50%\r100%\r\ndone\n')).toEqual(['10%\r', '50%\r', '100%\r', 'done']);
    expect(linesOf('+one\r+two\n')).toEqual(['+one\r+two']);
    expect(linesOf('')).toEqual([]);
    expect(linesOf('\nno end')).toEqual(['', 'no end']);
  });

  it('that goes on in further rows is whole, and its rows look like no other line', () => {
    const rowsOf = (text: string, columns: number) =>
      wrapLine([{ text }], columns).map((row) => row.map((span) => span.text).join(''));
    expect(rowsOf('short', 5)).toEqual(['short']);
    expect(rowsOf('+one   -two', 7)).toEqual(['+one   ', '↳ -two']);
    expect(rowsOf('排序函数', 5)).toEqual(['排序', '↳ 函', '↳ 数']);
    expect(rowsOf('ab', 1)).toEqual(['a', '↳ b']);
  });
});

describe('a screen', () => {
  function open(terminal: { isTTY?: boolean; columns?: number; colors?: boolean } = {}) {
    let written = '';
    const { isTTY, columns, colors = false } = terminal;
    const write = (text: string) => {
      written += text;
    };
    return { screen: createScreen({ isTTY, columns, hasColors: () => colors, write }), text: () => written };
  }

  it('puts a blank line between blocks and none inside', () => {
    const { screen, text } = open();
    screen.block('a');
    screen.write('one');
    screen.block('a');
    screen.write(' two');
    screen.block('b');
    screen.line('three');
    screen.line('four');
    screen.block('c');
    screen.line('five');
    expect(text()).toBe('one two\n\nthree\nfour\n\nfive\n');
  });

  it('paints in a terminal with colours alone, whatever the text says', () => {
    const painted = open({ isTTY: true, columns: 80, colors: true });
    painted.screen.line([{ text: '\u001b[5mx\r', style: 'red' }]);
    expect(painted.text()).toBe('\u001b[31m\u001b[7m<U+001B>\u001b[27m[5mx␍\u001b[39m\n');
    const piped = open({ colors: true });
    piped.screen.line([{ text: 'x', style: 'red' }]);
    expect(piped.text()).toBe('x\n');
  });

  it('cuts lines in a terminal alone, and never one that must be read whole', () => {
    const narrow = open({ isTTY: true, columns: 5 });
    narrow.screen.line('one two\nthree');
    narrow.screen.longLine('one two\nthree');
    expect(narrow.text()).toBe('one …\none two␊three\n');
    const piped = open({ columns: 5 });
    piped.screen.line('one two');
    expect(piped.text()).toBe('one two\n');
  });

  it('streams characters that come in pieces', () => {
    const { screen, text } = open();
    for (const piece of ['排\ud83d', '\udc69', '\u200d', '\u{1f4bb}!', '\u{1f1e9}', '\u{1f1ea}']) screen.write(piece);
    screen.endLine();
    expect(text()).toBe('排👩‍💻!🇩🇪\n');
  });

  it('that may be the log of a CI system gives no line that begins with a command', () => {
    const { screen, text } = open();
    screen.line('  ::add-mask::x');
    expect(text()).toBe('  <U+003A>:add-mask::x\n');
    for (const piece of ['std', '::vector\n', ' ', ' :', ':set-env\n', '\n#', '#', 'vso', '[x]\n', '## a:'])
      screen.write(piece);
    screen.endLine();
    expect(text()).toMatch(/\nstd::vector\n {2}<U\+003A>:set-env\n\n<U\+0023>#vso\[x\]\n## a:\n$/);
  });

  it('continues a line until something else is written', () => {
    const { screen, text } = open();
    screen.openLine('a');
    expect(screen.isOpen()).toBe(true);
    screen.write(' b\n');
    screen.openLine('c');
    screen.line('d');
    expect(screen.isOpen()).toBe(false);
    expect(text()).toBe('a b\nc\nd\n');
  });
});
