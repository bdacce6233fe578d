import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { applyAll, fill, git, look, openProject } from '../../test/isolated.js';

const inGit = (path: string) => path === '.git' || path.startsWith('.git/');
const files = {
  'a.txt': 'one\ntwo\nthree\n',
  'src/b.ts': 'export {};\n',
  'run.sh': { text: '#!/bin/sh\n', mode: 0o755 },
};

describe('a copy', () => {
  it('is the directory as it stands: uncommitted and untracked files too, ignored ones not', async () => {
    const { cwd, open } = await openProject({ ...files, '.gitignore': '*.log\n' });
    fill(cwd, { 'a.txt': 'changed\n', 'new.txt': 'untracked\n', 'noise.log': 'ignored\n', link: { link: 'a.txt' } });
    rmSync(join(cwd, 'src/b.ts'));
    const { folder } = await open();
    const expected = look(cwd, (path) => inGit(path) || path === 'noise.log' || path === 'src');
    expect(look(folder, inGit)).toEqual(expected);
  });

  itInAll('of a directory without git is everything, and has a commit to compare with', async () => {
    const { cwd, open } = await openProject({ ...files, 'deep/er/c': '' }, false);
    const { folder } = await open();
    expect(look(folder, inGit)).toEqual(look(cwd));
    expect(git(folder, 'status', '--porcelain')).toBe('');
    appendFileSync(join(folder, 'a.txt'), 'four\n');
    expect(git(folder, 'diff', '--stat')).toContain('a.txt');
  });
});

describe('a pending patch', () => {
  itInAll('says everything as git does, and git can apply its diff', async () => {
    const { cwd, open } = await openProject({
      ...files,
      'old name': 'a long enough text\nto be found again\nafter it has moved\n',
      'gone.txt': 'gone\n',
      'bin.dat': Buffer.from([0, 1, 2, 3]),
      'to-link': 'text\n',
      'quote"d\\.txt': 'q\n',
      'latin.txt': Buffer.from('caf\xe9\n', 'latin1'),
    });
    const workspace = await open();
    const { folder } = workspace;
    renameSync(join(folder, 'old name'), join(folder, 'new näme'));
    rmSync(join(folder, 'gone.txt'));
    rmSync(join(folder, 'to-link'));
    symlinkSync('a.txt', join(folder, 'to-link'));
    chmodSync(join(folder, 'src/b.ts'), 0o755);
    fill(folder, {
      'a.txt': 'one\ntwo\nthree',
      'bin.dat': Buffer.from([0, 255, 254]),
      'quote"d\\.txt': 'Q\n',
      'latin.txt': Buffer.from('th\xe9\n', 'latin1'),
      'tab\tand\nline': 'x\n',
    });
    const change = await workspace.pending([]);
    if (change === undefined) throw new Error('nothing is pending');
    const { parts, ...described } = await workspace.describe(change, 1e6);
    expect(described).toEqual({ whole: true, conflicts: [] });
    expect(change.files).toEqual([
      { path: 'a.txt', change: 'modified', additions: 1, deletions: 1 },
      { path: 'bin.dat', change: 'modified', additions: 0, deletions: 0, binary: true },
      { path: 'gone.txt', change: 'deleted', additions: 0, deletions: 1, old_mode: '100644' },
      { path: 'latin.txt', change: 'modified', additions: 1, deletions: 1 },
      { path: 'new näme', old_path: 'old name', change: 'renamed', additions: 0, deletions: 0 },
      { path: 'quote"d\\.txt', change: 'modified', additions: 1, deletions: 1 },
      { path: 'src/b.ts', change: 'modified', additions: 0, deletions: 0, old_mode: '100644', new_mode: '100755' },
      { path: 'tab\tand\nline', change: 'added', additions: 1, deletions: 0, new_mode: '100644' },
      { path: 'to-link', change: 'type_changed', additions: 1, deletions: 1, old_mode: '100644', new_mode: '120000' },
    ]);
    expect(parts[0]).toContain('\\ No newline at end of file');
    expect(parts[1]).toContain('GIT binary patch');
    expect(parts.at(-1)).toMatch(/deleted file mode 100644.*new file mode 120000/s);
    execFileSync('git', ['apply', '--binary', '-'], { cwd, input: parts.join('') });
    expect(look(cwd, inGit)).toEqual(look(folder, inGit));
  });

  itInAll('has the diffs of its small files where that of all would be too long', async () => {
    const { open } = await openProject(files);
    const workspace = await open();
    const { folder } = workspace;
    fill(folder, {
      'a.txt': 'one\ndiff --git a/x b/x\n\rdiff --git a/y b/y\n',
      'big.txt': 'line\n'.repeat(3_000),
      'bin.dat': Buffer.from([0, 255, 254]),
    });
    const change = await workspace.pending([]);
    if (change === undefined) throw new Error('nothing is pending');
    expect(change.files.map(({ path }) => path)).toEqual(['a.txt', 'big.txt', 'bin.dat']);
    const { parts, whole } = await workspace.describe(change, 8_000);
    expect(whole).toBe(false);
    expect(parts).toEqual([
      expect.stringContaining('+\rdiff --git a/y b/y\n'),
      undefined,
      expect.stringContaining('Binary files'),
    ]);
    expect((await workspace.describe(change, 100)).parts).toEqual([undefined, undefined, undefined]);
  });

  itInAll('has one id for each content, also in a later process', async () => {
    const { cwd, folder, open, workspaces } = await openProject(files);
    const workspace = await open();
    expect(await workspace.pending([])).toBeUndefined();
    fill(workspace.folder, { 'a.txt': 'x\n' });
    const first = await workspace.pending([]);
    fill(workspace.folder, { 'a.txt': 'y\n' });
    const second = await workspace.pending([]);
    fill(workspace.folder, { 'a.txt': 'x\n' });
    const again = await (await workspaces.reopen(cwd, join(folder, 'session-1'))).pending([]);
    expect(second?.patchId).not.toBe(first?.patchId);
    expect(again?.patchId).toBe(first?.patchId);
  });

  it('follows the base: it is what has not been applied', async () => {
    const { cwd, open } = await openProject(files);
    const workspace = await open();
    fill(workspace.folder, { 'a.txt': 'x\n' });
    const applied = await applyAll(workspace);
    expect(await workspace.pending(applied)).toBeUndefined();
    fill(workspace.folder, { 'new.txt': 'n\n' });
    expect((await workspace.pending(applied))?.files).toMatchObject([{ path: 'new.txt' }]);
    expect(await workspace.revert(applied, async () => undefined)).toEqual([]);
    expect(readFileSync(join(cwd, 'a.txt'), 'utf8')).toBe(files['a.txt']);
    expect((await workspace.pending([]))?.files.map(({ path }) => path)).toEqual(['a.txt', 'new.txt']);
  });

  itInAll('survives an agent that removes everything, its folder too', async () => {
    const { open } = await openProject(files);
    const workspace = await open();
    rmSync(workspace.folder, { recursive: true });
    const change = await workspace.pending([]);
    expect(change?.files.map((file) => file.change)).toEqual(['deleted', 'deleted', 'deleted']);
  });

  itInAll('sees links, files and folders take each other’s places', async () => {
    const { cwd, open } = await openProject({ 'dir/x': 'x\n', 'dir/y': 'y\n', file: 'f\n', other: 'o\n' });
    const workspace = await open();
    const { folder } = workspace;
    rmSync(join(folder, 'dir'), { recursive: true });
    rmSync(join(folder, 'file'));
    fill(folder, { dir: { link: '..' }, 'file/inside': 'i\n' });
    const applied = await applyAll(workspace);
    expect(look(cwd, inGit)).toEqual(look(folder, inGit));
    rmSync(join(folder, 'dir'));
    rmSync(join(folder, 'file'), { recursive: true });
    fill(folder, { 'dir/x': 'again\n', file: 'again\n' });
    const both = await applyAll(workspace, applied);
    expect(look(cwd, inGit)).toEqual(look(folder, inGit));
    expect(await workspace.revert(both, async () => undefined)).toEqual([]);
    expect(await workspace.revert(applied, async () => undefined)).toEqual([]);
    expect(readFileSync(join(cwd, 'dir/y'), 'utf8')).toBe('y\n');
  });
});

it('says which git is missing', async () => {
  const { createIsolatedWorkspaces } = await import('./open-workspace.js');
  const { cwd, folder } = await openProject();
  const workspaces = createIsolatedWorkspaces(join(folder, 'cache'), { env: { PATH: folder }, readTimeout: 30_000 });
  const made = workspaces.create(cwd, join(folder, 's'));
  await expect(made).rejects.toMatchObject({ code: 'Unavailable', message: expect.stringContaining('git 2.32') });
  expect(existsSync(join(folder, 's'))).toBe(false);
});

it('refuses directories that belong to git itself', async () => {
  const { cwd, open } = await openProject(files);
  await expect(open(join(cwd, '.git/objects'))).rejects.toMatchObject({ code: 'InvalidRequest' });
  mkdirSync(join(cwd, 'bare'));
  git(join(cwd, 'bare'), 'init', '-q', '--bare');
  await expect(open(join(cwd, 'bare'))).rejects.toMatchObject({ code: 'InvalidRequest' });
  writeFileSync(join(cwd, 'fine'), '');
});
