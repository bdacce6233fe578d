import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll, shareOf } from '../../../../../scripts/test-forms.js';
import { fill, git, openProject } from '../../../test/isolated.js';

const files = { 'src/a': 'a\n', 'src/deep/b': 'b\n', 'docs/d': 'd\n', other: 'o\n' };
const status = (folder: string) => git(folder, 'status', '--porcelain');

/** What the agent's git says of a copy is what the user's git says of the directory. */
async function openAlike(setUp: (cwd: string) => void, of: Parameters<typeof openProject>[0] = files, inner = '.') {
  const opened = await openProject(of);
  setUp(opened.cwd);
  const users = status(opened.cwd);
  rmSync(join(opened.folder, 'ran'), { force: true });
  const workspace = await opened.open(join(opened.cwd, inner));
  // The server has run nothing that the project names.
  expect(existsSync(join(opened.folder, 'ran'))).toBe(false);
  expect(status(workspace.folder)).toBe(users);
  return { ...opened, workspace, copy: workspace.folder };
}

const sparse = {
  'a sparse checkout in cones': (cwd: string) => git(cwd, 'sparse-checkout', 'set', '--cone', 'src'),
  'a sparse checkout by patterns': (cwd: string) => git(cwd, 'sparse-checkout', 'set', '--no-cone', '/*', '!/docs/'),
  'a file that is skipped and gone': (cwd: string) => {
    git(cwd, 'update-index', '--skip-worktree', 'docs/d');
    rmSync(join(cwd, 'docs'), { recursive: true });
  },
};

describe('the git of an agent', () => {
  it.each(shareOf(Object.entries(sparse), 2))('leaves out what that of the user does: %s', async (_, setUp) => {
    const { copy, workspace } = await openAlike(setUp);
    for (const undone of [
      ['reset', '-q', '--hard'],
      ['restore', '.'],
      ['sparse-checkout', 'disable'],
    ]) {
      git(copy, ...undone);
      expect(await workspace.pending([])).toBeUndefined();
    }
    git(copy, 'checkout', 'HEAD', '--', 'docs/d');
    expect(existsSync(join(copy, 'docs/d'))).toBe(true);
    fill(copy, { 'docs/new': 'n\n', 'src/a': 'changed\n' });
    expect((await workspace.pending([]))?.files.map(({ path }) => path)).toEqual(['docs/new', 'src/a']);
    fill(copy, { 'docs/d': 'by the agent\n' });
    expect((await workspace.pending([]))?.files.map(({ path }) => path)).toEqual(['docs/d', 'docs/new', 'src/a']);
  });

  itInAll('knows what is left out by its content, also with other line ends', async () => {
    const { copy, workspace } = await openAlike((cwd) => {
      git(cwd, 'config', 'core.autocrlf', 'true');
      git(cwd, 'sparse-checkout', 'set', '--cone', 'src/deep');
    });
    git(copy, 'sparse-checkout', 'disable');
    expect(readFileSync(join(copy, 'docs/d'), 'utf8')).toBe('d\r\n');
    expect(await workspace.pending([])).toBeUndefined();
  });

  itInAll('leaves it out also where the copy has a part of the repository', async () => {
    const { copy, workspace } = await openAlike(
      (cwd) => git(cwd, 'sparse-checkout', 'set', '--no-cone', '/*', '!/src/deep/', '!/src/[x]'),
      { ...files, 'src/[x]': 'x\n', 'src/x': 'x\n' },
      'src',
    );
    git(copy, 'reset', '-q', '--hard');
    expect(readdirSync(copy).sort()).toEqual(['[x]', 'a']);
    expect(await workspace.pending([])).toBeUndefined();
  });

  itInAll('takes for unchanged, skips and announces what that of the user does', async () => {
    const { copy } = await openAlike((cwd) => {
      git(cwd, 'update-index', '--skip-worktree', 'other');
      git(cwd, 'update-index', '--assume-unchanged', 'src/a');
      fill(cwd, { other: 'local\n', 'src/a': 'local\n', 'new *': 'n\n' });
      git(cwd, 'add', '--intent-to-add', 'new *');
    });
    expect(readFileSync(join(copy, 'other'), 'utf8')).toBe('local\n');
    git(copy, 'commit', '-qam', 'all');
    expect(git(copy, 'show', '--name-only', '--format=', 'HEAD')).toBe('new *\n');
  });

  itInAll('converts as that of the user does, which the server does not', async () => {
    const { copy, folder } = await openAlike((cwd) => {
      git(cwd, 'config', 'filter.Own.clean', `touch "${cwd}/../ran"; tr a-z n-za-m; : '\\'`);
      git(cwd, 'config', 'core.eol', 'crlf');
      git(cwd, 'config', 'core.attributesFile', join(cwd, 'more-attributes'));
      fill(cwd, {
        '.git/info/attributes': '*.bat text eol=crlf\n*.own filter=Own\n',
        'more-attributes': '*.rot filter=r13\n',
        '.gitconfig': '[filter "r13"]\n\tclean = tr a-z n-za-m\n\tsmudge = tr a-z n-za-m\n',
        'x.bat': 'one\r\n',
        'x.rot': 'hello\n',
        'x.own': 'hello\n',
      });
      git(cwd, 'config', 'include.path', '../.gitconfig');
      git(cwd, 'add', '--all');
      git(cwd, 'commit', '-qm', 'two');
    });
    expect(readFileSync(join(copy, '.git/config'), 'utf8')).toContain('[filter "Own"]');
    fill(copy, { 'y.rot': 'hello\n', 'y.bat': 'two\r\n', 'y.own': 'hello\n' });
    git(copy, 'add', '--all');
    expect(git(copy, 'show', ':y.rot', ':y.bat', ':y.own')).toBe('uryyb\ntwo\nuryyb\n');
    expect(existsSync(join(folder, 'ran'))).toBe(true);
  });

  itInAll('has the keys of git-crypt, and nothing that is read elsewhere or does more than convert', async () => {
    const { copy } = await openAlike((cwd) => {
      const outside = join(cwd, '../outside');
      writeFileSync(outside, '[filter "secret"]\n\tclean = cat\n');
      symlinkSync(outside, join(cwd, 'inside'));
      git(cwd, 'config', '--add', 'include.path', outside);
      git(cwd, 'config', '--add', 'include.path', join(cwd, 'inside'));
      fill(cwd, { '.git/git-crypt/keys/default': 'key' });
      symlinkSync(outside, join(cwd, '.git/git-crypt/keys/other'));
      git(cwd, 'config', 'core.untrackedCache', 'true');
      git(cwd, 'config', 'alias.st', '!touch ran');
      git(cwd, 'config', 'remote.origin.url', 'https://name:password@example.com');
      writeFileSync(join(cwd, '.git/info/exclude'), 'inside\n');
    });
    expect(readFileSync(join(copy, '.git/config'), 'utf8')).not.toMatch(/secret|untracked|alias|password/);
    expect(readdirSync(join(copy, '.git/git-crypt/keys'))).toEqual(['default']);
  });
});
