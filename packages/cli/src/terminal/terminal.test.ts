import { describe, expect, it } from 'vitest';
import { fitLine, widthOf } from './fit-line.js';
import { foldLines, linesOf } from './fold-lines.js';
import { printable } from './printable.js';
import { createScreen } from './screen.js';

describe('text of others', () => {
  it.each([
    ['plain text, 排序, 👩‍💻, and\ttabs\n', 'plain text, 排序, 👩‍💻, and\ttabs\n'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['a\u001b', 'a␛'],
    ['a\u001b]52;c;never ended', 'a;never ended'],
    ['a\bb\u0000\u007f', 'a␈b␀␡'],
    ['\u0085\u009d', '\\x85\\x9d'],
    ['over\rwritten\r\n', 'overwritten\n'],
    ['if (a \u202e) b', 'if (a \\u202e) b'],
    ['one\u2028two', 'one\\u2028two'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

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

  it('of a command is what stood there last', () => {
    expect(linesOf('10%\r50%\r100%\r\ndone\n')).toEqual(['100%', 'done']);
    expect(linesOf('')).toEqual([]);
    expect(linesOf('\nno end')).toEqual(['', 'no end']);
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
    painted.screen.line([{ text: '\u001b[5mx', style: 'red' }]);
    expect(painted.text()).toBe('\u001b[31mx\u001b[39m\n');
    const piped = open({ colors: true });
    piped.screen.line([{ text: 'x', style: 'red' }]);
    expect(piped.text()).toBe('x\n');
  });

  it('cuts lines in a terminal alone, and never one that must be read whole', () => {
    const narrow = open({ isTTY: true, columns: 5 });
    narrow.screen.line('one two\nthree');
    narrow.screen.longLine('one two\nthree');
    expect(narrow.text()).toBe('one …\none two three\n');
    const piped = open({ columns: 5 });
    piped.screen.line('one two');
    expect(piped.text()).toBe('one two\n');
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
