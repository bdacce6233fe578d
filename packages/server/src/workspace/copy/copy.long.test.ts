import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyAll, fill, git, look, openProject } from '../../../test/isolated.js';

const inGit = (path: string) => path === '.git' || path.startsWith('.git/');
const files = { 'a.txt': 'one\ntwo\nthree\n', 'src/b.ts': 'export {};\n' };

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
