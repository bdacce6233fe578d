import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planFiles } from '../workspace/planned-file.js';
import { diffFile } from './unified-diff.js';

let folder: string;

const planned = (...of: Parameters<typeof planFiles>) => Promise.all(planFiles(...of).map((read) => read()));

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-diff-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a planned edit', () => {
  it.each([
    ['a new file', null, null, 'one\ntwo\n'],
    ['a file that is replaced whole', 'a\nb\n', null, 'a\nc\n'],
    ['a file without a final newline', 'a\nb', null, 'a\nb\nc'],
    ['an empty file', '', '', 'x\n'],
    ['a snippet in the middle', '1\n2\n3\n4\n5\n6\n7\n8\n9\n', '5\n', 'five\n'],
    ['a file that becomes empty', 'a\nb\n', null, ''],
  ])('makes a diff that git applies: %s', async (_, before, oldText, newText) => {
    const name = 'das ist "ein" Pfad ü.txt';
    if (before !== null) writeFileSync(join(folder, name), before);
    const [file] = await planned(folder, [{ path: name, oldText, newText }]);
    if (file === undefined) throw new Error('expected one file');
    const { diff, file: shown } = diffFile(file);
    execFileSync('git', ['apply', '-'], { cwd: folder, input: diff, stdio: ['pipe', 'inherit', 'inherit'] });
    expect(readFileSync(join(folder, name), 'utf8')).toBe(file.after.toString());
    expect(shown).toMatchObject({ path: name, change: before === null ? 'added' : 'modified' });
    expect(file.exact).toBe(true);
  });

  it('follows the edits before it in the same file', async () => {
    writeFileSync(join(folder, 'a.txt'), 'one two');
    const [file] = await planned(folder, [
      { path: 'a.txt', oldText: 'one', newText: '1' },
      { path: join(folder, 'a.txt'), oldText: '1 two', newText: '1 2' },
    ]);
    expect(file?.after.toString()).toBe('1 2');
  });

  it('is no longer exact when its text occurs twice or not at all, and is still shown', async () => {
    writeFileSync(join(folder, 'a.txt'), 'x x');
    const [file] = await planned(folder, [{ path: 'a.txt', oldText: 'x', newText: 'y' }]);
    if (file === undefined) throw new Error('expected one file');
    expect(file.exact).toBe(false);
    expect(diffFile(file).diff).toContain('-x\n');
  });

  it('names a file outside the working directory, also behind a link, and does not read it', async () => {
    mkdirSync(join(folder, 'cwd'));
    writeFileSync(join(folder, 'secret'), 'secret');
    symlinkSync(folder, join(folder, 'cwd', 'link'));
    symlinkSync(join(folder, 'secret'), join(folder, 'cwd', 'direct'));
    const files = await planned(join(folder, 'cwd'), [
      { path: '../secret', oldText: null, newText: 'x' },
      { path: 'link/secret', oldText: 'secret', newText: 'x' },
      { path: 'direct', oldText: 'secret', newText: 'x' },
    ]);
    expect(files.map(({ problem }) => problem)).toEqual(Array(3).fill('lies outside the working directory'));
    expect(files.every(({ before }) => before === null)).toBe(true);
  });

  it('shows a binary file without its bytes', async () => {
    writeFileSync(join(folder, 'a.bin'), Buffer.from([0, 1, 2]));
    const [file] = await planned(folder, [{ path: 'a.bin', oldText: null, newText: 'text' }]);
    if (file === undefined) throw new Error('expected one file');
    expect(diffFile(file).diff).toContain('Binary files a/a.bin and b/a.bin differ');
  });
});
