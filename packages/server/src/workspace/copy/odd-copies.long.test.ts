import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { applyAll, fill, openProject } from '../../../test/isolated.js';

const pipe = (path: string) => void execFileSync('mkfifo', [path]);

it('a file that has become a pipe is gone, and the others are seen', async () => {
  const { open } = await openProject({ a: 'a\n', b: 'b\n' });
  const workspace = await open();
  rmSync(join(workspace.folder, 'a'));
  pipe(join(workspace.folder, 'a'));
  pipe(join(workspace.folder, 'untracked'));
  fill(workspace.folder, { b: 'changed\n' });
  const change = await workspace.pending([]);
  expect(change?.files).toMatchObject([
    { path: 'a', change: 'deleted' },
    { path: 'b', change: 'modified' },
  ]);
});

it.each([
  ['rules of what is ignored', '.gitignore'],
  ['attributes', '.gitattributes'],
])('%s that are a pipe hold up nobody for long', async (_, name) => {
  const { open, reopen } = await openProject({ a: 'a\n' }, true, { readTimeout: 3_000 });
  const workspace = await open();
  pipe(join(workspace.folder, name));
  fill(workspace.folder, { a: 'changed\n' });
  const change = await workspace.pending([]).catch((error: unknown) => error);
  // Whether git opens it at all is its own matter; it must not wait for it.
  if (change instanceof Error) expect(change.name).toBe('GitTimeout');
  rmSync(join(workspace.folder, name));
  expect((await (await reopen()).pending([]))?.files).toMatchObject([{ path: 'a' }]);
});

it('a repository inside that git cannot read is a folder with files', async () => {
  const broken = { 'n/.git/HEAD': 'ref: refs/heads/main\n', 'n/.git/config': '[[[ no config\n', 'n/f': 'f\n' };
  const { cwd, open } = await openProject({ a: 'a\n' });
  fill(cwd, { ...broken, 'n/.git/objects/': '', 'n/.git/refs/': '' });
  const workspace = await open();
  expect(statSync(join(workspace.folder, 'n/f')).isFile()).toBe(true);
  fill(workspace.folder, { 'm/.git/objects/': '', 'm/.git/refs/': '', 'm/g': 'g\n' });
  fill(workspace.folder, { 'm/.git/HEAD': 'ref: refs/heads/main\n', 'm/.git/config': '[[[ no config\n' });
  expect((await workspace.pending([]))?.files).toMatchObject([{ path: 'm/g', change: 'added' }]);
});

it('a file that is renamed and changed keeps its permissions', async () => {
  const { cwd, open } = await openProject({ secret: 'line\n'.repeat(30) });
  chmodSync(join(cwd, 'secret'), 0o600);
  const workspace = await open();
  execFileSync('mv', ['secret', 'moved'], { cwd: workspace.folder });
  appendFileSync(join(workspace.folder, 'moved'), 'more\n');
  const applied = await applyAll(workspace);
  expect(statSync(join(cwd, 'moved')).mode & 0o777).toBe(0o600);
  expect(await workspace.revert(applied, async () => undefined)).toEqual([]);
  expect(statSync(join(cwd, 'secret')).mode & 0o777).toBe(0o600);
});
