import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { itInAll, shareOf } from '../../../../../scripts/test-forms.js';
import { applyAll, type Content, fill, look, openProject } from '../../../test/isolated.js';
import { createGit } from '../git/git.js';
import { openStore } from '../git/store.js';
import { land } from './land.js';
import { LandingDisturbed } from './landing-disturbed.js';
import { planLanding } from './plan-landing.js';

const nothing = async () => undefined;
const text = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');
const poem = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];

/** An agent's changes beside a user's; `apply` says what stood in the way. */
async function openChanged(start: Record<string, Content>, agent: (folder: string) => void) {
  const project = await openProject(start);
  const workspace = await project.open();
  agent(workspace.folder);
  const change = await workspace.pending([]);
  if (change === undefined) throw new Error('nothing is pending');
  return { ...project, workspace, change, apply: () => workspace.apply(change, nothing) };
}

describe('a patch lands three-way', () => {
  it('in a file that the user has changed elsewhere, and is reverted from under later changes', async () => {
    const { cwd, workspace, change, apply } = await openChanged({ a: text(...poem) }, (folder) =>
      fill(folder, { a: text('ONE', ...poem.slice(1)) }),
    );
    fill(cwd, { a: text(...poem.slice(0, 6), 'SEVEN') });
    expect((await workspace.describe(change, 1e6)).conflicts).toEqual([]);
    expect(await apply()).toEqual([]);
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe(text('ONE', ...poem.slice(1, 6), 'SEVEN'));
    fill(cwd, { a: text('ONE', ...poem.slice(1, 6), 'SEVEN', 'EIGHT') });
    expect(await workspace.revert([change.patchId], nothing)).toEqual([]);
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe(text(...poem.slice(0, 6), 'SEVEN', 'EIGHT'));
  });

  itInAll('in a file that the agent renamed and the user changed', async () => {
    const { cwd, apply } = await openChanged({ a: text(...poem) }, (folder) =>
      renameSync(join(folder, 'a'), join(folder, 'b')),
    );
    fill(cwd, { a: text(...poem, 'eight') });
    expect(await apply()).toEqual([]);
    expect(existsSync(join(cwd, 'a'))).toBe(false);
    expect(readFileSync(join(cwd, 'b'), 'utf8')).toBe(text(...poem, 'eight'));
  });

  itInAll('where the user has done the same', async () => {
    const { cwd, workspace, change, apply } = await openChanged({ a: 'a\n' }, (folder) =>
      fill(folder, { a: 'b\n', c: 'c\n' }),
    );
    fill(cwd, { a: 'b\n' });
    expect(await apply()).toEqual([]);
    expect(await workspace.revert([change.patchId], nothing)).toEqual([]);
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe('b\n');
    expect(existsSync(join(cwd, 'c'))).toBe(false);
  });

  itInAll('of two agents in one directory at once, and both changes are there', async () => {
    const { cwd, open } = await openProject({ a: text(...poem) });
    const [one, other] = [await open(), await open()];
    fill(one.folder, { a: text('ONE', ...poem.slice(1)) });
    fill(other.folder, { a: text(...poem.slice(0, 6), 'SEVEN') });
    await Promise.all([applyAll(one), applyAll(other)]);
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe(text('ONE', ...poem.slice(1, 6), 'SEVEN'));
  });
});

describe('a conflict changes nothing and names each file with its reason', () => {
  const start = {
    a: 'a\n',
    b: 'b\n',
    c: 'c\n',
    link: { link: 'a' },
    bin: Buffer.from([0, 1]),
    'dir/x': 'x\n',
    'to/y': 'y\n',
  };

  it('whatever it is', async () => {
    const { cwd, folder, workspace, change, apply } = await openChanged(start, (copy) => {
      for (const name of ['b', 'link']) rmSync(join(copy, name));
      fill(copy, { a: 'agent\n', c: 'agent\n', link: { link: 'b' }, bin: Buffer.from([0, 2]), 'dir/x': 'agent\n' });
      fill(copy, { new: 'agent\n', 'to/y': 'agent\n', 'free/z': 'agent\n', fine: 'agent\n' });
    });
    for (const name of ['c', 'link', 'dir/x', 'to']) rmSync(join(cwd, name), { recursive: true });
    mkdirSync(join(folder, 'outside'));
    fill(folder, { 'outside/y': 'y\n' });
    fill(cwd, {
      a: 'user\n',
      b: 'user\n',
      link: { link: 'c' },
      bin: Buffer.from([0, 3]),
      new: 'user\n',
      free: 'a file\n',
    });
    symlinkSync('../outside', join(cwd, 'to'));
    const before = look(folder);
    const problems = await apply();
    expect(Object.fromEntries(problems.map(({ path, reason }) => [path, reason]))).toEqual({
      a: 'has changed meanwhile in the same place',
      b: 'has changed meanwhile, and the patch deletes it',
      bin: 'has changed meanwhile in the same place',
      c: 'has been deleted meanwhile',
      'dir/x': 'has been deleted meanwhile',
      'free/z': 'free is a file or a link by now, and no folder',
      link: 'has changed meanwhile, and a link cannot be merged',
      new: 'is there already, with other content',
      'to/y': 'has been deleted meanwhile',
    });
    expect((await workspace.describe(change, 1e6)).conflicts).toEqual(problems);
    expect(look(folder)).toMatchObject(before);
    expect(existsSync(join(cwd, 'fine'))).toBe(false);
  });

  itInAll('when ignored files are in the way', async () => {
    const { cwd, apply } = await openChanged({ '.gitignore': 'out\n' }, (copy) =>
      fill(copy, { '.gitignore': '', out: 'o\n' }),
    );
    fill(cwd, { 'out/mine': 'mine\n' });
    expect(await apply()).toEqual([{ path: 'out', reason: 'is a folder by now, with other files in it' }]);
    expect(readFileSync(join(cwd, 'out/mine'), 'utf8')).toBe('mine\n');
  });

  itInAll('when the directory itself is another one', async () => {
    const { cwd, folder, apply } = await openChanged({ a: 'a\n' }, (copy) => fill(copy, { a: 'b\n' }));
    renameSync(cwd, join(folder, 'moved'));
    symlinkSync('moved', cwd);
    expect(await apply()).toEqual([{ path: '.', reason: 'the working directory is not there any more' }]);
    expect(readFileSync(join(folder, 'moved/a'), 'utf8')).toBe('a\n');
  });

  itInAll('of a revert, too', async () => {
    const { cwd, workspace, change, apply } = await openChanged({ a: 'a\n', b: 'b\n' }, (copy) =>
      fill(copy, { a: 'x\n', b: 'y\n' }),
    );
    await apply();
    fill(cwd, { b: 'user\n' });
    const before = look(cwd);
    const reason = 'has changed meanwhile in the same place';
    expect(await workspace.revert([change.patchId], nothing)).toEqual([{ path: 'b', reason }]);
    expect(look(cwd)).toEqual(before);
  });
});

describe('nothing outside of the directory and nothing of git’s is written', () => {
  const paths = [
    ['../evil', 'is not a path inside the working directory'],
    ['/tmp/parley-evil', 'is not a path inside the working directory'],
    ['a/../../evil', 'is not a path inside the working directory'],
    ['.git/hooks/post-checkout', 'belongs to git, which alone may write it'],
    ['.GIT/config', 'belongs to git, which alone may write it'],
    ['sub/.Git/config', 'belongs to git, which alone may write it'],
    ['.g\u200cit/config', 'belongs to git, which alone may write it'],
    ['GIT~1/config', 'belongs to git, which alone may write it'],
    ['.git /config', 'belongs to git, which alone may write it'],
    ['.git::$INDEX_ALLOCATION/config', 'belongs to git, which alone may write it'],
    ['out/evil', 'out is a file or a link by now, and no folder'],
  ] as const;
  it.each(shareOf(paths, 4))('not %j', async (path, reason) => {
    const { cwd, folder } = await openProject({ out: { link: '..' }, sub: '' });
    const git = createGit();
    const store = await openStore(git, join(folder, 'store'));
    const after = { mode: '100644', oid: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' } as const;
    const { problems } = await planLanding({ git, store, cwd }, [{ path, before: null, after }]);
    expect(problems).toEqual([{ path, reason }]);
  });

  itInAll('whatever an agent puts into its copy', async () => {
    const { cwd, folder, workspace, apply } = await openChanged({ a: 'a\n' }, (copy) => {
      fill(copy, { out: { link: '../../..' }, '.git/hooks/pre-commit': 'evil', '.GIT/hooks/x': 'evil', b: 'b\n' });
      fill(copy, {
        'sub/.git/config': '[core]\n\tworktree = /\n',
        'sub/.git/HEAD': 'ref: refs/heads/x\n',
        'sub/s': 's\n',
      });
    });
    const outside = look(folder, (path) => path.startsWith('project') || path.startsWith('session'));
    const own = look(join(cwd, '.git'));
    expect(await apply()).toEqual([]);
    expect(look(join(cwd, '.git'))).toEqual(own);
    expect(existsSync(join(cwd, '.GIT'))).toBe(false);
    expect(look(folder, (path) => path.startsWith('project') || path.startsWith('session'))).toEqual(outside);
    writeFileSync(join(workspace.folder, 'b'), 'c\n');
  });

  itInAll('also when a folder becomes a link between the last look and the write', async () => {
    const { cwd, folder } = await openProject({ 'dir/x': '' });
    const git = createGit();
    const store = await openStore(git, join(folder, 'store'));
    const oid = await git.line(['hash-object', '-w', '--stdin'], { cwd: store, gitDir: store, input: 'evil\n' });
    const place = { git, store, cwd, journal: join(folder, 'landing.json') };
    const plan = await planLanding(place, [{ path: 'dir/y', before: null, after: { mode: '100644', oid } }]);
    mkdirSync(join(folder, 'outside'));
    rmSync(join(cwd, 'dir'), { recursive: true });
    symlinkSync('../outside', join(cwd, 'dir'));
    const landing = land(place, plan, { about: null, kept: [], settle: nothing });
    await expect(landing).rejects.toBeInstanceOf(LandingDisturbed);
    expect(existsSync(join(folder, 'outside/y'))).toBe(false);
    expect(existsSync(place.journal)).toBe(false);
  });

  itInAll('also when a folder is moved away with what was written into it', async () => {
    const { cwd, folder } = await openProject({ 'dir/x': '' });
    const git = createGit();
    const store = await openStore(git, join(folder, 'store'));
    const oid = await git.line(['hash-object', '-w', '--stdin'], { cwd: store, gitDir: store, input: 'new\n' });
    const place = { git, store, cwd, journal: join(folder, 'landing.json') };
    const plan = await planLanding(place, [{ path: 'dir/y', before: null, after: { mode: '100644', oid } }]);
    mkdirSync(join(folder, 'outside'));
    const { rename } = files;
    const replace = (other: typeof rename) => {
      files.rename = other;
      syncBuiltinESMExports();
    };
    onTestFinished(() => replace(rename));
    replace(async (from, to) => {
      await rename(from, to);
      if (!String(to).endsWith('/y')) return;
      renameSync(join(cwd, 'dir'), join(folder, 'aside'));
      symlinkSync('../outside', join(cwd, 'dir'));
    });
    const landing = land(place, plan, { about: null, kept: [], settle: nothing });
    await expect(landing).rejects.toMatchObject({ problems: [{ path: 'dir/y' }] });
    expect(readdirSync(join(folder, 'outside'))).toEqual([]);
    expect(existsSync(place.journal)).toBe(false);
  });

  itInAll(
    'and a file that changes between the last look and the write keeps its change, as do the others',
    async () => {
      const { cwd, folder } = await openProject({ a: 'a\n', b: 'b\n' });
      const git = createGit();
      const store = await openStore(git, join(folder, 'store'));
      const put = (input: string) => git.line(['hash-object', '-w', '--stdin'], { cwd: store, gitDir: store, input });
      const place = { git, store, cwd, journal: join(folder, 'landing.json') };
      const wanted = await Promise.all(
        ['a', 'b'].map(async (path) => ({
          path,
          before: { mode: '100644' as const, oid: await put(`${path}\n`) },
          after: { mode: '100644' as const, oid: await put('patched\n') },
        })),
      );
      const plan = await planLanding(place, wanted);
      fill(cwd, { b: 'by the user\n' });
      const outcome = await land(place, plan, { about: null, kept: [], settle: nothing }).catch((error) => error);
      expect(outcome.problems).toEqual([{ path: 'b', reason: 'is being changed right now' }]);
      expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe('a\n');
      expect(readFileSync(join(cwd, 'b'), 'utf8')).toBe('by the user\n');
    },
  );
});
