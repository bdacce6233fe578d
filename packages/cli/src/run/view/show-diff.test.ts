import { visibleLine } from '@parleyhq/conformance/visible';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holds } from '../../../../server/test/property.js';
import { CONTINUED } from '../../terminal/fit-line.js';
import { createScreen } from '../../terminal/screen.js';
import { showDiff, showPatchSummary } from './show-diff.js';

/** What a terminal shows of a diff, in lines. */
async function linesShown(diff: string, { columns, colors }: { columns: number; colors: boolean }): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: 10, scrollback: 10_000, allowProposedApi: true });
  let written = '';
  const write = (text: string) => {
    written += text.replaceAll('\n', '\r\n'); // as the line discipline of a terminal does
  };
  showDiff(createScreen({ isTTY: true, columns, hasColors: () => colors, write }), diff, { whole: true });
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const { active } = terminal.buffer;
  const lines: string[] = [];
  for (let index = 0; index < active.baseY + active.cursorY; index += 1) {
    const row = active.getLine(index);
    const text = row?.translateToString(true) ?? '';
    if (text.startsWith(CONTINUED)) lines.push((lines.pop() ?? '') + text.slice(CONTINUED.length));
    else if (row?.isWrapped) lines.push((lines.pop() ?? '') + text);
    else lines.push(text);
  }
  terminal.dispose();
  return lines;
}

const HIDING = [
  '\r',
  '\r\r',
  '\u001b[2K',
  '\u001b]0;x\u0007',
  '\u001b]8;;http://x\u001b\\',
  '\u001bP',
  '\u009b1A',
  '\b\b\b',
  '\u000b',
  '\u000c',
  '\u0085',
  '\u202e',
  '\u2066',
  '\u200b',
  '\u2028',
  '\ufe0f',
  '\u{e0041}',
  '\ud800',
  '\t',
  ' '.repeat(30),
  '排序',
  'e\u0301',
  '👩‍💻',
  '한',
  '\u1100\u1161',
  '-removed',
  '<U+000D>',
  CONTINUED,
];

it('shows a terminal each character of a diff, in order, on lines of their own', async () => {
  const piece = fc.oneof(
    fc.constantFrom(...HIDING),
    fc.nat(0x10ffff).map((number) => String.fromCodePoint(number)),
    fc.nat(0x3000).map((number) => String.fromCodePoint(number)),
    fc.string({ unit: 'grapheme', maxLength: 10 }),
    fc.string({ maxLength: 30 }),
  );
  const line = fc.tuple(fc.constantFrom('+', '-', ' '), fc.array(piece, { maxLength: 12 })).map(([sign, pieces]) => {
    return sign + pieces.join('').replaceAll('\n', '');
  });
  const terminal = fc.record({ columns: fc.integer({ min: 10, max: 120 }), colors: fc.boolean() });
  await holds(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), terminal, async (lines, options) => {
      expect(await linesShown(`${lines.join('\n')}\n`, options)).toEqual(lines.map((text) => visibleLine(text)));
    }),
    600,
  );
});

it('marks the line end of Windows once, at its end', async () => {
  const shown = await linesShown('+one\r\n-two\r\n', { columns: 40, colors: true });
  expect(shown).toEqual(['+one␍', '-two␍']);
});

it('names what of a patch cannot be shown', () => {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  const screen = createScreen({ isTTY: true, columns: 120, hasColors: () => false, write });
  const counts = { additions: 0, deletions: 0 };
  const patch = { patch_id: '1', applicable: true, conflicts: [], exact: false };
  const files = [
    { path: 'a', change: 'modified', ...counts },
    { path: 'big\r', change: 'added', omitted: 'too_large', ...counts },
  ] as const;
  showPatchSummary(screen, { ...patch, files: [...files], files_truncated: 7 });
  expect(written).toContain('Patch: 9 files');
  expect(written).toContain('Not shown, since it is too large: big␍ (added)');
  expect(written).toContain('Not shown: 7 more files');
});
