import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll, shareOf } from '../../../../../scripts/test-forms.js';
import { fill, git, openProject } from '../../../test/isolated.js';

const SECRET = 'the-secret-of-the-server';

/** A project, and a file outside of it that only the server may read. */
async function openHostile(files: Parameters<typeof openProject>[0] = {}, stopping?: AbortSignal) {
  const opened = await openProject({ a: 'a\n', ...files }, true, { stopping });
  const secret = join(opened.folder, 'secret');
  writeFileSync(secret, `${SECRET}\n`);
  return {
    ...opened,
    secret,
    /** Puts a link to the secret in place of a file of the project. */
    link(path: string) {
      const at = join(opened.cwd, path);
      rmSync(at, { recursive: true, force: true });
      mkdirSync(dirname(at), { recursive: true });
      symlinkSync(secret, at);
    },
  };
}

const pipe = (path: string) => execFileSync('mkfifo', [path]);

/** Every file of a copy that holds the secret. */
const leaks = (folder: string) =>
  execFileSync('grep', ['-rls', SECRET, folder, '--include=*', '-D', 'skip'], { encoding: 'utf8' });

describe('a project cannot have the server read for an agent', () => {
  it('what its settings name as ignore rules outside of it', async () => {
    const { cwd, secret, open } = await openHostile();
    git(cwd, 'config', 'core.excludesFile', secret);
    const { top } = await open();
    expect(() => leaks(top)).toThrow(); // grep has found nothing
    git(cwd, 'config', 'core.excludesFile', '/proc/self/environ');
    expect(readFileSync(join((await open()).top, '.git/info/exclude'), 'utf8')).not.toContain('PATH=');
  });

  itInAll('what a link leads to that its history carries as .gitignore', async () => {
    const { cwd, folder, secret, workspaces } = await openHostile({ 'sub/b': 'b\n' });
    symlinkSync(secret, join(cwd, '.gitignore'));
    git(cwd, 'add', '.gitignore');
    git(cwd, 'commit', '-q', '-m', 'rules');
    git(folder, 'clone', '-q', cwd, 'clone');
    const { top } = await workspaces.create(join(folder, 'clone/sub'), join(folder, 'of-clone'));
    expect(() => leaks(top)).toThrow();
    expect(existsSync(join(top, 'sub/b'))).toBe(true);
  });

  itInAll('what a link leads to that is in place of a folder of its git', async () => {
    const { cwd, folder, open } = await openHostile();
    fill(folder, { 'rules/exclude': `${SECRET}\n` });
    rmSync(join(cwd, '.git/info'), { recursive: true });
    symlinkSync(join(folder, 'rules'), join(cwd, '.git/info'));
    const { top } = await open();
    expect(() => leaks(top)).toThrow();
  });

  it.each(
    shareOf(
      [
        ...['.git', '.git/HEAD', '.git/config', '.git/index', '.git/packed-refs', '.git/shallow', '.git/commondir'],
        ...['.git/info/exclude', '.git/info/attributes', '.git/info/grafts', '.git/objects/info/alternates'],
        ...['.git/refs/heads/x', '.git/refs/tags/deep/er/x'],
      ],
      4,
    ),
  )('what a link leads to that is in place of %s', async (path) => {
    const { open, link } = await openHostile();
    link(path);
    const refusal = await open().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'InvalidRequest', details: [{ pointer: '/body/cwd' }] });
    expect(String(refusal)).toContain(`${path} to be a file of the repository`);
  });

  itInAll('what git quotes when it cannot read a file', async () => {
    const { cwd, open } = await openHostile();
    writeFileSync(join(cwd, '.git/packed-refs'), `${SECRET}\n`);
    const refusal = await open().catch((error: Error) => error);
    expect(refusal).toMatchObject({ code: 'Unavailable' });
    for (let error: unknown = refusal; error instanceof Error; error = error.cause) {
      expect(JSON.stringify([error.message, { ...error }])).not.toContain(SECRET);
    }
  });

  itInAll('what a link leads to in a repository inside of it', async () => {
    const { cwd, open, link } = await openHostile();
    fill(cwd, { 'inner/i': 'i\n' });
    git(join(cwd, 'inner'), 'init', '-q');
    link('inner/.git/info/exclude');
    const { top } = await open();
    expect(readFileSync(join(top, 'inner/i'), 'utf8')).toBe('i\n');
    expect(() => leaks(top)).toThrow();
  });
});

describe('a pipe in a project', () => {
  it.each(shareOf(['.git/info/exclude', '.git/refs/heads/x', '.git/packed-refs'], 3))(
    'is not read in place of %s',
    async (path) => {
      const { cwd, open } = await openHostile();
      rmSync(join(cwd, path), { force: true });
      pipe(join(cwd, path));
      await expect(open()).rejects.toMatchObject({ code: 'InvalidRequest' });
    },
  );

  itInAll('is not read as the ignore rules that its settings name', async () => {
    const { cwd, open } = await openHostile({ empty: '' });
    pipe(join(cwd, 'rules'));
    git(cwd, 'config', 'core.excludesFile', join(cwd, 'rules'));
    expect(existsSync(join((await open()).top, 'a'))).toBe(true);
  });

  it('holds up no server that stops', async () => {
    const stopping = new AbortController();
    const { cwd, open } = await openHostile({}, stopping.signal);
    pipe(join(cwd, 'settings'));
    git(cwd, 'config', 'include.path', join(cwd, 'settings'));
    const opened = open().catch((error: unknown) => error);
    setTimeout(() => stopping.abort(), 100);
    expect(await opened).toMatchObject({ code: 'Unavailable' });
  });
});
