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
import { applyAll, fill, git, look, openProject } from '../../test/isolated.js';

const inGit = (path: string) => path === '.git' || path.startsWith('.git/');
const files = {
  'a.txt': 'one\ntwo\nthree\n',
  'src/b.ts': 'export {};\n',
  'run.sh': { text: '#!/bin/sh\n', mode: 0o755 },
};

describe('a copy', () => {
  it('is read without running what a repository in it names, whatever that lacks and allows', async () => {
    const { folder: outside, open } = await openProject(files);
    const workspace = await open();
    const inner = join(workspace.folder, 'inner');
    const ran = join(outside, 'ran');
    fill(inner, { 'deep/er/a': 'a\n', b: 'b\n' });
    git(inner, 'init', '-q');
    git(inner, 'add', '--all');
    git(inner, 'commit', '-q', '-m', 'inner');
    git(inner, 'sparse-checkout', 'init', '--cone', '--sparse-index');
    const tree = git(inner, 'rev-parse', 'HEAD:deep').trim();
    const settings = {
      'core.repositoryFormatVersion': '1',
      'extensions.partialClone': 'origin',
      'remote.origin.promisor': 'true',
      'remote.origin.url': `ext::touch ${ran}`,
      'protocol.ext.allow': 'always',
    };
    for (const [name, value] of Object.entries(settings)) git(inner, 'config', name, value);
    rmSync(join(inner, '.git/objects', tree.slice(0, 2), tree.slice(2)));
    expect((await workspace.pending([]))?.files).toEqual([expect.objectContaining({ path: 'inner/b' })]);
    expect(existsSync(ran)).toBe(false);
  });

  it('is the directory as it stands: uncommitted and untracked files too, ignored ones not', async () => {
    const { cwd, open } = await openProject({ ...files, '.gitignore': '*.log\n' });
    fill(cwd, { 'a.txt': 'changed\n', 'new.txt': 'untracked\n', 'noise.log': 'ignored\n', link: { link: 'a.txt' } });
    rmSync(join(cwd, 'src/b.ts'));
    const { folder } = await open();
    const expected = look(cwd, (path) => inGit(path) || path === 'noise.log' || path === 'src');
    expect(look(folder, inGit)).toEqual(expected);
  });

  it('of a directory without git is everything, and has a commit to compare with', async () => {
    const { cwd, open } = await openProject({ ...files, 'deep/er/c': '' }, false);
    const { folder } = await open();
    expect(look(folder, inGit)).toEqual(look(cwd));
    expect(git(folder, 'status', '--porcelain')).toBe('');
    appendFileSync(join(folder, 'a.txt'), 'four\n');
    expect(git(folder, 'diff', '--stat')).toContain('a.txt');
  });

  it('shows the history, and what is committed there stays there', async () => {
    const { cwd, open } = await openProject(files);
    git(cwd, 'tag', 'v1');
    fill(cwd, { 'a.txt': 'changed\n' });
    git(cwd, 'stash');
    const before = look(join(cwd, '.git'));
    const workspace = await open();
    const { folder } = workspace;
    expect(git(folder, 'log', '--oneline', 'v1')).toContain('first');
    expect(git(folder, 'branch', '--show-current')).toBe('main\n');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    fill(folder, { 'a.txt': 'by the agent\n', '.git/hooks/pre-commit': { text: '#!/bin/sh\nexit 1\n', mode: 0o755 } });
    git(folder, 'commit', '-q', '-a', '-m', 'by the agent');
    git(folder, 'branch', 'other');
    git(folder, 'stash', 'list');
    await applyAll(workspace);
    expect(readFileSync(join(cwd, 'a.txt'), 'utf8')).toBe('by the agent\n');
    expect(look(join(cwd, '.git'))).toEqual(before);
  });

  it('of a folder inside of a repository has only that folder, with the ignore rules above it', async () => {
    const { cwd, open } = await openProject({ ...files, '.gitignore': '/src/out\n', 'src/deep/.gitignore': 'x\n' });
    fill(cwd, { 'src/out/o': '', 'src/new': '' });
    const workspace = await open(join(cwd, 'src'));
    expect(Object.keys(look(workspace.folder))).toEqual(['b.ts', 'deep', 'deep/.gitignore', 'new']);
    expect(git(workspace.folder, 'status', '--porcelain')).toBe('?? src/new\n');
    fill(workspace.folder, { 'out/p': '', 'b.ts': 'changed\n', 'deep/c': 'c' });
    expect((await workspace.pending([]))?.files.map(({ path }) => path)).toEqual(['b.ts', 'deep/c']);
    await applyAll(workspace);
    expect(readFileSync(join(cwd, 'src/deep/c'), 'utf8')).toBe('c');
  });

  it('has the files of repositories inside, without what belongs to their git', async () => {
    const { cwd, open } = await openProject(files);
    fill(cwd, { 'inner/.gitignore': 'out\n', 'inner/out': 'ignored', 'inner/i.txt': 'i\n', 'empty/e.txt': 'e\n' });
    git(join(cwd, 'inner'), 'init', '-q');
    git(join(cwd, 'inner'), 'add', 'i.txt');
    git(join(cwd, 'inner'), 'commit', '-q', '-m', 'inner');
    git(join(cwd, 'empty'), 'init', '-q');
    git(cwd, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', join(cwd, 'inner'), 'sub');
    const before = look(cwd, (path) => !path.includes('.git/'));
    const workspace = await open();
    const { folder } = workspace;
    const copied = Object.keys(look(folder, (path) => inGit(path) || !/^(inner|empty|sub)\//.test(path)));
    expect(copied).toEqual(['empty/e.txt', 'inner/.gitignore', 'inner/i.txt', 'sub/i.txt']);
    fill(folder, { 'sub/i.txt': 'changed\n', 'inner/j.txt': 'j\n', 'inner/out': 'noise', 'made/m.txt': 'm\n' });
    git(join(folder, 'made'), 'init', '-q');
    fill(folder, { 'made/.git/hooks/x': 'x' });
    await applyAll(workspace);
    expect(readFileSync(join(cwd, 'sub/i.txt'), 'utf8')).toBe('changed\n');
    expect(existsSync(join(cwd, 'inner/out'))).toBe(true);
    expect(existsSync(join(cwd, 'made/m.txt'))).toBe(true);
    expect(existsSync(join(cwd, 'made/.git'))).toBe(false);
    expect(look(cwd, (path) => !path.includes('.git/'))).toEqual(before);
  });

  it('keeps bytes as they are, whatever settings and attributes say', async () => {
    const attributes =
      '*.crlf text eol=crlf\n*.id ident\n*.f filter=shout\n*.u16 working-tree-encoding=UTF-16\n* text=auto\n';
    const { cwd, open } = await openProject({ ...files, '.gitattributes': attributes });
    git(cwd, 'config', 'core.autocrlf', 'true');
    git(cwd, 'config', 'filter.shout.clean', 'touch filtered; tr a-z A-Z');
    git(cwd, 'config', 'filter.shout.smudge', 'touch filtered; tr A-Z a-z');
    git(cwd, 'config', 'core.fsmonitor', join(cwd, 'monitor'));
    fill(cwd, {
      'x.crlf': 'one\ntwo\r\n',
      'x.id': '$Id$\n',
      'x.f': 'MiXed\n',
      'x.u16': 'no utf-16\n',
      monitor: { text: '#!/bin/sh\ntouch monitored\n', mode: 0o755 },
    });
    const workspace = await open();
    expect(look(workspace.folder, inGit)).toEqual(look(cwd, inGit));
    fill(workspace.folder, { 'x.crlf': 'three\r\nfour\n', 'x.f': 'OtheR\r\n' });
    await applyAll(workspace);
    expect(look(cwd, inGit)).toEqual(look(workspace.folder, inGit));
  });
});

it('a second copy reads only what has changed since the first, however much there is', async () => {
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`d${at % 7}/f${at}`, `text ${at}\n`]));
  const { cwd, folder, open } = await openProject(many, false);
  const objects = () => look(join(folder, 'cache'), (path) => !/objects\/.+\/.+/.test(path));
  await open();
  const first = Object.keys(objects());
  await open();
  expect(Object.keys(objects())).toEqual(first);
  fill(cwd, { 'd0/f0': 'changed\n' });
  const third = await open();
  // One file, its folder and the folder above.
  expect(Object.keys(objects()).filter((path) => !first.includes(path) && !path.includes('pack'))).toHaveLength(3);
  expect(readFileSync(join(third.folder, 'd0/f0'), 'utf8')).toBe('changed\n');
});

describe('a pending patch', () => {
  it('says everything as git does, and git can apply its diff', async () => {
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
    const patch = await workspace.describe(change);
    expect(patch).toMatchObject({ exact: true, applicable: true, conflicts: [] });
    expect(patch.files).toEqual([
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
    expect(patch.diff).toContain('\\ No newline at end of file');
    expect(patch.diff).toContain('GIT binary patch');
    execFileSync('git', ['apply', '--binary', '-'], { cwd, input: patch.diff });
    expect(look(cwd, inGit)).toEqual(look(folder, inGit));
  });

  it('has one id for each content, also in a later process', async () => {
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

  it('survives an agent that removes everything, its folder too', async () => {
    const { open } = await openProject(files);
    const workspace = await open();
    rmSync(workspace.folder, { recursive: true });
    const change = await workspace.pending([]);
    expect(change?.files.map((file) => file.change)).toEqual(['deleted', 'deleted', 'deleted']);
  });

  it('sees links, files and folders take each other’s places', async () => {
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
